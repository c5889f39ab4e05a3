import type { Seed } from '../../schemas/seed.ts'
import { parseId } from '../store/snowflake.ts'
import { instantMillis } from './duration.ts'

type SeedUser = NonNullable<Seed['users']>[string]
type GivenId = readonly [path: string, kind: string, id: string | undefined]

/** Values of the right form that are none nevertheless: ids, instants, and scopes without a path. */
export const mistakeOfValues = (user: SeedUser, path: string): string | undefined =>
  first(givenIds(user, path).map(([place, kind, id]) => noId(id, `seed/${place}/${kind}Id`))) ??
  first(instantsOf(user, `seed/${path}`).map(([place, text]) => noInstant(text, place))) ??
  emptyScope(user, `seed/${path}`)

const first = (problems: readonly (string | undefined)[]): string | undefined =>
  problems.find((problem) => problem !== undefined)

/** COM-10: ids have 63 bits, fewer than the digits of their form. */
export const noId = (text: string | undefined, path: string): string | undefined =>
  text === undefined || parseId(text) !== undefined
    ? undefined
    : `${path} is no id; expected digits without a leading zero, at most 9223372036854775807 [COM-10]`

const noInstant = (text: string | undefined, path: string): string | undefined =>
  text === undefined || instantMillis(text) !== undefined
    ? undefined
    : `${path} is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z [COM-9]`

const instantsOf = ({ devices = [], locks = [], records = [] }: SeedUser, user: string) => [
  ...devices.map(({ createTime }, index) => [`${user}/devices/${index}/createTime`, createTime] as const),
  ...locks.map(({ expiresAt }, index) => [`${user}/locks/${index}/expiresAt`, expiresAt] as const),
  ...records.map(({ endTime }, index) => [`${user}/records/${index}/endTime`, endTime] as const),
]

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
