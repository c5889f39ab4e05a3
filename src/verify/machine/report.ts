import type { StatementId } from '../../../schemas/statements.ts'
import type { Workbench } from '../workbench.ts'

/** What the state machine is to do. */
export interface MachineOptions {
  readonly workbench: Workbench
  readonly seed: number
  /** How many sequences. */
  readonly runs: number
  /** How many clients at once, at most. */
  readonly clients: number
  /** What the target is known to do otherwise, and is not to be found again and again. */
  readonly avoid: ReadonlySet<StatementId>
  readonly isInterrupted: () => boolean
}

/** What the state machine found. */
export interface MachineReport {
  readonly seed: number
  readonly runs: number
  readonly clients: number
  readonly result: 'passed' | 'failed' | 'agrees' | 'differs' | 'not observable'
  /** What the target departed from. */
  readonly id?: StatementId
  readonly reason?: string
  /** Commands for a shell that show it. */
  readonly script?: string
}
