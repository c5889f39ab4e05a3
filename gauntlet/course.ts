import type { Depth } from './depth.ts'

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
  readonly patienceMillis: number | undefined
  readonly mostCalls: number | undefined
  /** Whether what was sent and answered in each run is kept, and the worlds as it left them. */
  readonly withHar: boolean
  readonly withWorlds: boolean
}
