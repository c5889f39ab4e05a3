import type { Verdict } from './verdict.ts'

/** What a part of the benchmark is given. */
export interface Setting {
  /** The emulator's program, laid out as installed. */
  readonly command: string
  /** Few rounds. */
  readonly quick: boolean
}

/** What a part of the benchmark found. */
export interface Part {
  readonly verdicts: readonly Verdict[]
  /** Titles and tables. */
  readonly tables: Readonly<Record<string, string>>
  readonly figures: unknown
}
