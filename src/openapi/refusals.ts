import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import type { ErrorKey } from '../errors.ts'
import { catalogue } from '../errors.ts'

interface Declared extends Omit<Operation, 'refusals' | 'itemRefusals'> {
  readonly refusals?: readonly ErrorKey[]
  readonly itemRefusals?: readonly ErrorKey[]
}

/** The contracts once more: one that names what is no key of the catalogue does not compile here. */
const declared: Readonly<Record<OperationId, Declared>> = contracts

/** What any request can be refused for: its path or query, its headers, a fault, a failure, a world too many (DEC-1). */
const always: readonly ErrorKey[] = ['malformed', 'invalid', 'unauthorized', 'internal', 'throttled', 'tooManyWorlds']

/** DEC-6, DEC-7: what only a body can be refused for. */
export const ofBodies: readonly ErrorKey[] = ['tooLarge', 'mediaType']

/** DEC-26. */
const ofLocks: readonly ErrorKey[] = ['lockNotHeld']

/** Every refusal that a well-routed request of an operation can meet, in the catalogue's order. */
export function refusalsOf(id: OperationId): ErrorKey[] {
  const { body, lock, refusals = [] } = declared[id]
  const possible = new Set([...always, ...(body ? ofBodies : []), ...(lock ? ofLocks : []), ...refusals])
  return keysOfCatalogue.filter((key) => possible.has(key))
}

/** What single items of an operation's batch can fail for. */
export const itemRefusalsOf = (id: OperationId): readonly ErrorKey[] => declared[id].itemRefusals ?? []

const keysOfCatalogue = Object.keys(catalogue) as ErrorKey[] // keys of a constant object
