import type { LeftProcess } from '../cli/left-behind.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import type { PastWorld } from '../src/index.ts'

/** A run of `exec`, as `--json` writes it. */
export interface ExecReport {
  readonly version: string
  readonly command: readonly string[]
  readonly startedAt: string
  readonly durationMillis: number
  /** Of the command, as a shell has it. */
  readonly status: number
  /** Why it was never run, took too long, or nobody waited for it. */
  readonly trouble: string | null
  /** Of all worlds. */
  readonly requests: number
  readonly worlds: readonly WorldReport[]
  /** Of all worlds; with `--coverage-into`, of all runs. */
  readonly coverage: CoverageView
  /** What was asked for and did not hold, a sentence each. */
  readonly failed: readonly string[]
  /** What the command left running, and was ended; `null` where the system does not tell. */
  readonly leftBehind: readonly LeftProcess[] | null
}

/** One world that was used. */
export interface WorldReport {
  readonly name: string
  /** Whether it was dropped or begun anew before the command ended. */
  readonly isOver: boolean
  readonly requests: number
  /** How many of them were not reviewed, because the journal no longer had them. */
  readonly dropped: number
  /** The file that it was written to, with `--archive` and where something failed. */
  readonly archive: string | null
  /** Requests are those of the journal of this world. */
  readonly findings: ReturnType<PastWorld['review']>
}
