import type { Seed } from '../../schemas/seed.ts'
import { durationMillis } from './duration.ts'

type Place = readonly [path: string, key: string]

/** What no schema can say of a seed: the first thing that is there twice, or a duration that is none. */
export function mistakeIn(seed: Seed): string | undefined {
  return (
    firstTwice(seed.configCatalogue ?? [], 'configCatalogue', (entry) => `${entry.moduleCode} ${entry.configName}`) ??
    firstTwice(seed.tokens ?? [], 'tokens', ({ token }) => token) ??
    firstTwice(seed.apps ?? [], 'apps', ({ appId }) => appId) ??
    wrongLifetime(seed) ??
    mistakeOfUsers(seed)
  )
}

/** Names both places, never the value, which may be a secret. */
function twice(places: readonly Place[]): string | undefined {
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
  const index = tokens.findIndex(({ lifetime }) => lifetime !== undefined && durationMillis(lifetime) === undefined)
  return index < 0
    ? undefined
    : `seed/tokens/${index}/lifetime is no ISO 8601 duration; expected one such as PT20M [DEC-3]`
}

type SeedUser = NonNullable<Seed['users']>[string]

function mistakeOfUsers({ users = {} }: Seed): string | undefined {
  const ids: Place[] = []
  for (const [userId, user] of Object.entries(users)) {
    const problem = mistakeOfDevices(user, `users/${userId}`) ?? mistakeOfRecords(user, `users/${userId}`)
    if (problem) return problem
    ids.push(...placesOfIds(user, `users/${userId}`))
  }
  return twice(ids)
}

function mistakeOfDevices({ devices = [] }: SeedUser, user: string): string | undefined {
  const path = `${user}/devices`
  const named = devices.map(({ machineCode }, index): Place => [`${path}/${index}`, machineCode])
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
    const problem = firstTwice(files, `${path}/files`, ({ fileName, parentFolder: [parent = 'root'] = [] }) =>
      JSON.stringify([parent, fileName]),
    )
    if (problem) return problem
  }
  return undefined
}

/** Ids that the seed gives, of scopes, records and files, each kind apart. */
function placesOfIds({ devices = [], records = [] }: SeedUser, user: string): Place[] {
  const scopes = devices.flatMap(({ scopes: all = [] }, device) =>
    all.map(({ scopeId }, index) => [`${user}/devices/${device}/scopes/${index}`, 'scope', scopeId] as const),
  )
  const ofRecords = records.map(({ recordId }, index) => [`${user}/records/${index}`, 'record', recordId] as const)
  const files = records.flatMap(({ files: all = [] }, record) =>
    all.map(({ fileId }, index) => [`${user}/records/${record}/files/${index}`, 'file', fileId] as const),
  )
  return [...scopes, ...ofRecords, ...files].flatMap(([path, kind, id]): Place[] =>
    id === undefined ? [] : [[path, `${kind} ${BigInt(id)}`]],
  )
}
