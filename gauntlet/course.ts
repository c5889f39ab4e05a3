import type { Depth } from './depth.ts'
import type { VerdictName } from './verdict.ts'

/** What was tried, and how it went. */
export interface TriedOut {
  readonly adversity: { readonly id: string }
  readonly verdict: VerdictName
}

/** How a gauntlet is to be run. */
export interface GauntletCourse {
  readonly depth: Depth
  /** Ids of adversities, or parts of them: `createBackupLock#1`, `:lose-answer`. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
  readonly pairs: boolean
  readonly strict: boolean
  readonly jobs: number
  readonly failFast: boolean
  /** Failures that are known and no news; none, where nothing is said. */
  readonly isKnown?: (trial: TriedOut) => boolean
  readonly patienceMillis: number | undefined
  readonly mostCalls: number | undefined
  /** Whether what was sent and answered in each run is kept, and the worlds as it left them. */
  readonly withHar: boolean
  readonly withWorlds: boolean
}
