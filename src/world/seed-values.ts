import type { SeedDevice, SeedLock, SeedRecord, SeedUser } from '../../schemas/seed.ts'
import { isoInstant, lastMillis, millisOf, parseId } from '../store/snowflake.ts'
import { instantMillis, noInstantText } from './duration.ts'

type GivenId = readonly [path: string, kind: string, id: string | undefined]

/** Values of the right form that are none nevertheless, or do not go with what stands beside them. */
export const mistakeOfValues = (user: SeedUser, path: string): string | undefined =>
  first(givenIds(user, path).map(([place, kind, id]) => noId(id, `seed/${place}/${kind}Id`))) ??
  first(instantsOf(user, `seed/${path}`).map(([place, text]) => noInstant(text, place))) ??
  emptyScope(user, `seed/${path}`) ??
  first((user.devices ?? []).map((device, index) => keptWithout(device, `seed/${path}/devices/${index}`))) ??
  first((user.locks ?? []).map((lock, index) => ofAnother(lock, `seed/${path}/locks/${index}`))) ??
  first((user.records ?? []).map((record, index) => tooEarly(record, `seed/${path}/records/${index}`)))

const first = (problems: readonly (string | undefined)[]): string | undefined =>
  problems.find((problem) => problem !== undefined)

/** COM-10: ids have 63 bits, fewer than the digits of their form. */
export const noId = (text: string | undefined, path: string): string | undefined =>
  text === undefined || parseId(text) !== undefined
    ? undefined
    : `${path} is no id; expected digits without a leading zero, at most 9223372036854775807 [COM-10]`

/** DEC-31: a position that leaves ids for whatever is still to be made. */
export const tooFar = (text: string | undefined, path: string): string | undefined =>
  text === undefined || millisOf(BigInt(text)) <= lastMillis
    ? undefined
    : `${path} is of a time after ${isoInstant(lastMillis)}; expected an id up to then [DEC-31]`

/** DEC-10: what could not be stored as it came, anywhere in a document. */
export function unpairedIn(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') {
    return value.isWellFormed() ? undefined : `${path} holds an unpaired surrogate; expected whole characters [DEC-10]`
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, part] of Object.entries(value)) {
    const problem = unpairedIn(part, `${path}/${key}`)
    if (problem) return problem
  }
  return undefined
}

const noInstant = (text: string | undefined, path: string): string | undefined =>
  text === undefined || instantMillis(text) !== undefined ? undefined : `${path} ${noInstantText} [COM-9]`

const instantsOf = ({ devices = [], locks = [], records = [] }: SeedUser, user: string) => [
  ...devices.map(({ createTime }, index) => [`${user}/devices/${index}/createTime`, createTime] as const),
  ...locks.map(({ expiresAt }, index) => [`${user}/locks/${index}/expiresAt`, expiresAt] as const),
  ...records.map(({ endTime }, index) => [`${user}/records/${index}/endTime`, endTime] as const),
]

/** DEC-18. */
const keptWithout = ({ unbound = false, scopes = [], configs = [] }: SeedDevice, path: string): string | undefined =>
  unbound && scopes.length + configs.length > 0
    ? `${path} is unbound; expected neither scopes nor configs, which go with the binding [DEC-18]`
    : undefined

/** LOC-1. */
const ofAnother = ({ moduleCode, lockId }: SeedLock, path: string): string | undefined =>
  lockId.endsWith(`@${moduleCode}`) ? undefined : `${path}/lockId names another module than its moduleCode [LOC-1]`

/** DEC-27. */
const tooEarly = ({ recordId, endTime }: SeedRecord, path: string): string | undefined =>
  recordId === undefined || endTime === undefined || Date.parse(endTime) >= millisOf(BigInt(recordId))
    ? undefined
    : `${path}/endTime is before ${isoInstant(millisOf(BigInt(recordId)))}, when its recordId was issued [DEC-27]`

/** SCO-2: not both paths may be empty. */
function emptyScope({ devices = [] }: SeedUser, user: string): string | undefined {
  const scopes = devices.flatMap(({ scopes: all = [] }, device) =>
    all.map((scope, index) => ({ ...scope, path: `${user}/devices/${device}/scopes/${index}` })),
  )
  const empty = scopes.find(({ localPath, targetFolderPath }) => !(localPath || targetFolderPath))
  return empty && `${empty.path} has neither path; expected one [SCO-2]`
}

/** Ids that the seed gives, of scopes, records and files, each kind apart. */
export function givenIds({ devices = [], records = [] }: SeedUser, user: string): GivenId[] {
  const scopes = devices.flatMap(({ scopes: all = [] }, device) =>
    all.map(({ scopeId }, index): GivenId => [`${user}/devices/${device}/scopes/${index}`, 'scope', scopeId]),
  )
  const ofRecords = records.map(({ recordId }, index): GivenId => [`${user}/records/${index}`, 'record', recordId])
  const files = records.flatMap(({ files: all = [] }, record) =>
    all.map(({ fileId }, index): GivenId => [`${user}/records/${record}/files/${index}`, 'file', fileId]),
  )
  return [...scopes, ...ofRecords, ...files]
}
