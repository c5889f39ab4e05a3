import type { StatementId } from '../../schemas/statements.ts'

/** What random sequences showed of a target. */
export interface MachineReport {
  /** With the same seed, and a target that behaves the same, a run sends the same requests. */
  readonly seed: number
  /** How many sequences were asked for. */
  readonly runs: number
  /** How many clients acted at once. */
  readonly clients: number
  /** `failed` for a documented statement, `differs` for any other. */
  readonly result: 'passed' | 'failed' | 'differs' | 'agrees' | 'not observable'
  /** What the target did not do as it says. */
  readonly id?: StatementId
  readonly reason?: string
  /** For bash, curl and jq: the shortest sequence that shows it. */
  readonly script?: string
}
