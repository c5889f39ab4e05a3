import type { BodyOf, Operation, ParamsOf, PayloadOf } from '../../schemas/operation.ts'
import type { World } from '../world/world.ts'

/** What a rule is told about a request that passed every check of its contract. */
export interface RuleRequest<Contract extends Operation> {
  readonly userId: string
  readonly params: ParamsOf<Contract>
  readonly body: BodyOf<Contract>
  /** The state clock's instant for the whole request, in Unix milliseconds. */
  readonly now: number
  /** For lists whose items fail alone: what is wrong with an item, if anything is. */
  readonly itemDefect: (list: keyof BodyOf<Contract> & string, item: unknown) => string | undefined
  /** Says beside a success what the caller would want to know (DEC-16). */
  readonly remark: (text: string) => void
}

/**
 * What an operation does: pure and synchronous, its only effects on the world's store and ids, in one transaction.
 *
 * @throws Refusal, from the catalogue
 */
export type Rule<Contract extends Operation> = (world: World, request: RuleRequest<Contract>) => PayloadOf<Contract>
