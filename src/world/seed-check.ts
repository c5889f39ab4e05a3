import type { Seed } from '../../schemas/seed.ts'
import { parseId } from '../store/snowflake.ts'
import { durationMillis } from './duration.ts'

type Place = readonly [path: string, key: string]

/** What no schema can say of a seed: the first thing that is there twice, or a duration, an instant or an id that is none. */
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
    const path = `users/${userId}`
    const problem =
      mistakeOfValues(user, `seed/${path}`) ?? mistakeOfDevices(user, path) ?? mistakeOfRecords(user, path)
    if (problem) return problem
    ids.push(...placesOfIds(user, path))
  }
  return twice(ids)
}

/** Ids and instants of the right form that are none nevertheless, and scopes without a path (SCO-2). */
function mistakeOfValues({ devices = [], records = [] }: SeedUser, user: string): string | undefined {
  const problems = [
    ...devices.flatMap(({ createTime, scopes = [] }, device) => [
      noInstant(createTime, `${user}/devices/${device}/createTime`),
      ...scopes.flatMap(({ scopeId, localPath, targetFolderPath }, index) => {
        const path = `${user}/devices/${device}/scopes/${index}`
        const isEmpty = !(localPath || targetFolderPath)
        return [
          noId(scopeId, `${path}/scopeId`),
          isEmpty ? `${path} has neither path; expected one [SCO-2]` : undefined,
        ]
      }),
    ]),
    ...records.flatMap(({ recordId, endTime, files = [] }, record) => [
      noId(recordId, `${user}/records/${record}/recordId`),
      noInstant(endTime, `${user}/records/${record}/endTime`),
      ...files.map(({ fileId }, index) => noId(fileId, `${user}/records/${record}/files/${index}/fileId`)),
    ]),
  ]
  return problems.find((problem) => problem !== undefined)
}

const noId = (text: string | undefined, path: string): string | undefined =>
  text === undefined || parseId(text) !== undefined
    ? undefined
    : `${path} is no id; expected digits without a leading zero, at most 9223372036854775807 [COM-10]`

function noInstant(text: string | undefined, path: string): string | undefined {
  const millis = text === undefined ? 0 : Date.parse(text)
  if (text === undefined || (!Number.isNaN(millis) && new Date(millis).toISOString() === text)) return undefined
  return `${path} is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z [COM-9]`
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
