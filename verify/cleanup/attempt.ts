import type { Debt } from '../debts.ts'
import type { Ledger } from '../ledger.ts'
import type { Ask } from '../patience.ts'

/** An attempt to clear debts. What is gone is forgotten; what is not, is told what is known of it. */
export interface Attempt {
  readonly ask: Ask
  readonly ledger: Ledger
  /** Nothing is looked at again after this. */
  readonly isLast: boolean
  /** The debts of a kind that this attempt is about, by user and by what else tells them apart. */
  due<Kind extends Debt['kind']>(
    kind: Kind,
    keyOf: (debt: Extract<Debt, { kind: Kind }>) => string,
  ): Extract<Debt, { kind: Kind }>[][]
}
