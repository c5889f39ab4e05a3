import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { refusedByRule } from '../../schemas/operation.ts'
import type { ErrorKey } from '../errors.ts'
import { catalogue } from '../errors.ts'

interface Declared extends Omit<Operation, 'refusals' | 'itemRefusals'> {
  readonly refusals?: readonly ErrorKey[]
  readonly itemRefusals?: readonly ErrorKey[]
}

/** The contracts once more: one that names what is no key of the catalogue does not compile here. */
const declared: Readonly<Record<OperationId, Declared>> = contracts

/**
 * What any request can be refused for: its path or query, its headers, a body, whether or not one is of use, a fault, a
 * failure, a world too many or one that is not here (DEC-1, DEC-6, DEC-7).
 */
const always: readonly ErrorKey[] = [
  'malformed',
  'tooLarge',
  'mediaType',
  'invalid',
  'unauthorized',
  'internal',
  'throttled',
  'tooManyWorlds',
  'unknownWorld',
]

/** What any request can be refused for before it is one, and the status that stands in place of the catalogue's. */
export const refusedUnread = {
  requestTimeout: { key: 'malformed', status: 408, when: 'the request did not arrive in time' },
  headersTooLarge: { key: 'malformed', status: 431, when: 'the headers are larger than 16 KiB' },
} as const satisfies Record<string, { readonly key: ErrorKey; readonly status: number; readonly when: string }>

/** Every refusal that a well-routed request of an operation can meet, in the catalogue's order. */
export function refusalsOf(id: OperationId): ErrorKey[] {
  const possible = new Set<string>([...always, ...refusedByRule(declared[id])])
  return keysOfCatalogue.filter((key) => possible.has(key))
}

/** What single items of an operation's batch can fail for. */
export const itemRefusalsOf = (id: OperationId): readonly ErrorKey[] => declared[id].itemRefusals ?? []

const keysOfCatalogue = Object.keys(catalogue) as ErrorKey[] // keys of a constant object
