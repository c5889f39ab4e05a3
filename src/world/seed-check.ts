import type { Seed, SeedFile, SeedUser } from '../../schemas/seed.ts'
import { folderOf } from '../uploads/folder.ts'
import { durationMillis, spanDefect } from './duration.ts'
import { mistakeOfUploads } from './seed-uploads.ts'
import { givenIds, mistakeOfValues, noId, tooFar, unpairedIn } from './seed-values.ts'
import { mistakeOfVersions } from './seed-versions.ts'

type KeyAt = readonly [path: string, key: string]

/** What no schema can say of a seed: the first thing that is there twice, or a value that cannot be or breaks a promise of the API. */
export function mistakeIn(seed: Seed): string | undefined {
  return (
    firstTwice(seed.configCatalogue ?? [], 'configCatalogue', (entry) => `${entry.moduleCode} ${entry.configName}`) ??
    firstTwice(seed.tokens ?? [], 'tokens', ({ token }) => token) ??
    firstTwice(seed.apps ?? [], 'apps', ({ appId }) => appId) ??
    wrongLifetime(seed) ??
    noId(seed.position?.lastId, 'seed/position/lastId') ??
    tooFar(seed.position?.lastId, 'seed/position/lastId') ??
    mistakeOfUsers(seed) ??
    unpairedIn(seed, 'seed')
  )
}

/** Names both places, never the value, which may be a secret. */
function twice(places: readonly KeyAt[]): string | undefined {
  const seen = new Map<string, string>()
  for (const [path, key] of places) {
    const earlier = seen.get(key)
    if (earlier !== undefined) return `seed/${path} repeats seed/${earlier}`
    seen.set(key, path)
  }
  return undefined
}

const firstTwice = <Item>(items: readonly Item[], path: string, keyOf: (item: Item) => string): string | undefined =>
  twice(items.map((item, index) => [`${path}/${index}`, keyOf(item)]))

function wrongLifetime({ tokens = [] }: Seed): string | undefined {
  for (const [index, { lifetime }] of tokens.entries()) {
    const defect = lifetime === undefined ? undefined : spanDefect(durationMillis(lifetime))
    if (defect) return `seed/tokens/${index}/lifetime ${defect} [DEC-3]`
  }
  return undefined
}

function mistakeOfUsers({ users = {} }: Seed): string | undefined {
  const unique: KeyAt[] = []
  for (const [userId, user] of Object.entries(users)) {
    const path = `users/${userId}`
    const problem =
      mistakeOfValues(user, path) ??
      mistakeOfDevices(user, path) ??
      mistakeOfRecords(user, path) ??
      mistakeOfVersions(user, `seed/${path}`) ??
      firstTwice(user.locks ?? [], `${path}/locks`, ({ moduleCode }) => moduleCode)
    if (problem) return problem
    unique.push(...placesOfIds(user, path), ...placesOfKeys(user, path))
  }
  return twice(unique)
}

function mistakeOfDevices({ devices = [] }: SeedUser, user: string): string | undefined {
  const path = `${user}/devices`
  const named = devices.map(
    ({ machineCode, unbound }, index): KeyAt => [`${path}/${index}`, unbound ? '' : machineCode],
  )
  const problem =
    firstTwice(devices, path, ({ deviceId }) => deviceId) ??
    twice(named.filter(([, machineCode]) => machineCode !== ''))
  if (problem) return problem
  for (const [index, { scopes = [], configs = [] }] of devices.entries()) {
    const inDevice =
      firstTwice(scopes, `${path}/${index}/scopes`, ({ moduleCode, localPath = '', targetFolderPath = '' }) =>
        JSON.stringify([moduleCode, localPath, targetFolderPath]),
      ) ?? firstTwice(configs, `${path}/${index}/configs`, (config) => `${config.moduleCode} ${config.configName}`)
    if (inDevice) return inDevice
  }
  return undefined
}

function mistakeOfRecords({ devices = [], records = [] }: SeedUser, user: string): string | undefined {
  for (const [index, { deviceId, files = [] }] of records.entries()) {
    const path = `${user}/records/${index}`
    if (!devices.some((device) => device.deviceId === deviceId))
      return `seed/${path}/deviceId is no device of this user`
    const problem =
      firstTwice(files, `${path}/files`, ({ fileName, parentFolder }) =>
        JSON.stringify([folderOf(parentFolder), fileName]),
      ) ??
      contentless(files, path) ??
      mistakeOfUploads(files, `seed/${path}/files`)
    if (problem) return problem
  }
  return undefined
}

/** FIL-2: a file that is listed has a content. */
function contentless(files: readonly SeedFile[], record: string): string | undefined {
  const index = files.findIndex(
    ({ uploadId, sha256, size }) => uploadId === undefined && (sha256 === undefined || size === undefined),
  )
  return index < 0 ? undefined : `seed/${record}/files/${index} has neither an uploadId nor both sha256 and size`
}

/** What is unique among all users beside the ids: locks and uploads. */
function placesOfKeys({ locks = [], records = [] }: SeedUser, user: string): KeyAt[] {
  const uploads = records.flatMap(({ files = [] }, record) =>
    files.map(({ uploadId = '' }, index): KeyAt => [`${user}/records/${record}/files/${index}`, uploadId]),
  )
  return [
    ...locks.map(({ lockId }, index): KeyAt => [`${user}/locks/${index}`, `lock ${lockId}`]),
    ...uploads.filter(([, uploadId]) => uploadId !== '').map(([path, id]): KeyAt => [path, `upload ${id}`]),
  ]
}

/** Ids that the seed gives, of scopes, records and files, each kind apart. */
const placesOfIds = (user: SeedUser, path: string): KeyAt[] =>
  givenIds(user, path).flatMap(([place, kind, id]): KeyAt[] =>
    id === undefined ? [] : [[place, `${kind} ${BigInt(id)}`]],
  )
