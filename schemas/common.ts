import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { StatementId } from './statements.ts'

/** COM-1: what the backup family and its siblings stand below. */
export const familyPath = '/koodrive/ose/v1'

/** COM-1. */
export const basePath = `${familyPath}/backup`

/** COM-7. */
export const ModuleCode = Type.Union([Type.Literal('100'), Type.Literal('101'), Type.Literal('102')], {
  title: 'ModuleCode',
  description: '100: folder backup, 101: album backup, 102: address book backup',
  'x-facts': ['COM-7'],
})
export type ModuleCode = Static<typeof ModuleCode>

/** An id in a path: what could be one at all (DEC-9), whether or not it was ever issued. */
export const PathId = Type.String({ pattern: '^[0-9A-Za-z_-]{1,64}$', 'x-facts': ['DEC-9'] })

/** The format that documents name; what is taken is the pattern's to say. */
export const dateTime = { 'x-format': 'date-time' } as const

/**
 * The pattern of names that no address takes for a step, as it does `.` and `..`; without look-ahead, which many engines lack.
 *
 * @param any a class of characters
 * @param other the same without the dot
 */
export const nameOf = (any: string, other: string, most: number): string =>
  `^(?:${other}${any}{0,${most - 1}}|\\.${other}${any}{0,${most - 2}}|\\.\\.${any}{1,${most - 2}})$`

/** COM-9, COM-10: an id that the service issued. */
export const IssuedId = Type.String({
  pattern: '^[0-9]{1,19}$',
  examples: ['1842846715527366528'],
  'x-facts': ['COM-9', 'COM-10'],
})

/** COM-9. */
export const Instant = Type.String({
  ...dateTime,
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  examples: ['2025-12-17T07:27:27.709Z'],
  'x-facts': ['COM-9'],
})

/** The paths of every operation on one device. */
export const DeviceParams = Type.Object({ deviceId: PathId })

/** The `moduleCode` that a reading operation asks for. */
export const ModuleQuery = Type.Object({ moduleCode: ModuleCode })

/** DEC-28: pages of the list that a fact describes. A query is text: an integer in it is decimal digits only (DEC-8). */
export const pageQuery = (fact: StatementId) => ({
  pageSize: Type.Integer({ minimum: 1, maximum: 100, 'x-facts': [fact, 'DEC-8'] }),
  cursor: Type.Optional(Type.String({ maxLength: 1000, 'x-facts': [fact, 'DEC-28'] })),
})

/** DEC-28: where the next page begins; absent on the last page. */
export const nextCursor = Type.Optional(Type.String({ maxLength: 1000, 'x-facts': ['COM-8', 'DEC-28'] }))

/** The payload of an operation that answers `code` and `msg` alone. */
export const NoPayload = Type.Object({})

/** Headers as the vendor's pages print their names. */
export const printedHeaders: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  'x-user-id': 'X-User-Id',
  'x-date': 'X-Date',
  'x-traceid': 'X-traceid',
}

/** The form of each header; the order in which they are judged is DEC-1's, what a schema cannot say is in `src/http`. */
export const headers = {
  authorization: Type.String({
    pattern: '^[Bb][Ee][Aa][Rr][Ee][Rr][ +][\\x21-\\x7e]{1,4096}$',
    description: 'Bearer, one space or one plus, the access token',
    'x-facts': ['COM-2', 'DEC-2'],
  }),
  'x-user-id': Type.String({
    pattern: '^[\\x21-\\x7e]{1,64}$',
    description: '1 to 64 visible ASCII characters',
    'x-facts': ['COM-3', 'DEC-4'],
  }),
  'x-date': Type.String({
    pattern: '^[0-9]{8}T[0-9]{6}Z$',
    description: "UTC time as yyyyMMdd'T'HHmmss'Z'",
    examples: ['20251103T070140Z'],
    'x-facts': ['COM-4', 'DEC-5'],
  }),
  'x-backup-lock-id': Type.String({
    pattern: '^[\\x21-\\x7e]+$',
    description: 'the lockId that creating the lock answered',
    examples: ['78e41c7e-db02-4d55-85b3-8153e4fefd2e@102'],
    'x-facts': ['COM-6', 'DEC-26'],
  }),
} as const
