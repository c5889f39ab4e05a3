import type { CommandPlace } from '../cli/variables.ts'

/** What the client is handed for one run. */
export interface AttemptPlace extends CommandPlace {
  /** Aborted once the run has to end: its time is over, or it calls without end. */
  readonly signal: AbortSignal
}

/** How a run of the client ended: 0 is success, as of a command. */
export interface AttemptEnd {
  readonly status: number
  /** The end of what it said. */
  readonly output: string
  /** What a function of this process rejected with. */
  readonly cause?: unknown
  /** Why it was never run. */
  readonly trouble?: string
}

/** One run of the client: a command, or a function in this process. */
export type RunClient = (place: AttemptPlace) => Promise<AttemptEnd>
