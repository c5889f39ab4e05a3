import type { Standing } from '../schemas/statement.ts'
import type { StatementId } from '../schemas/statements.ts'
import type { Workbench } from './workbench.ts'

/** One thing to find out about a target. */
export interface Check {
  /** The fact or decision that it is about. */
  readonly id: StatementId
  /** Where only a part of a statement is less certain than the whole, and this check is about that part. */
  readonly standing?: Standing
  /** A sentence that holds where the target conforms. */
  readonly title: string
  /** Sends nothing that changes state, so that it can be made with `--read-only`. */
  readonly readOnly?: true
  /** Needs minutes to pass: made with `--slow` only. */
  readonly slow?: true
  /** @throws Departure where the target does otherwise, Unobservable where this target cannot show it */
  readonly run: (workbench: Workbench) => Promise<void>
}
