import type { Operation, PartOf, PayloadOf } from '../../schemas/operation.ts'
import type { Refusal } from '../errors.ts'
import type { PlannedPart } from '../uploads/parts.ts'
import type { World } from '../world/world.ts'

/** What a rule is told about a request that passed every check of its contract. */
export interface RuleRequest<Contract extends Operation> {
  readonly userId: string
  readonly params: PartOf<Contract, 'params'>
  readonly query: PartOf<Contract, 'query'>
  readonly body: PartOf<Contract, 'body'>
  /** What was sent as `x-backup-lock-id`: `""` where the operation needs none (COM-6). */
  readonly lockId: string
  /** The state clock's instant for the whole request, in Unix milliseconds. */
  readonly now: number
  /** For lists whose items fail alone: what is wrong with an item, if anything is. */
  readonly itemDefect: (list: string, item: unknown) => string | undefined
  /** A link that lives from now on, for a part of an upload (UPL-5). */
  readonly linkTo: (uploadId: string, part: PlannedPart) => string
  /** Says beside a success what the caller would want to know (DEC-16). */
  readonly remark: (text: string) => void
}

/**
 * What an operation does: pure and synchronous, its only effects on the world's store and ids, in one transaction.
 *
 * A refusal is thrown. One that clients meet every day may be returned instead: to throw costs V8 more than the rest of the
 * refusal does.
 *
 * @throws Refusal, from the catalogue
 */
export type Rule<Contract extends Operation> = (
  world: World,
  request: RuleRequest<Contract>,
) => PayloadOf<Contract> | Refusal
