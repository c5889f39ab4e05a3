import type { Bench } from './bench.ts'

/** What somebody does with the page, and what the journal says to it. */
export interface Story {
  readonly title: string
  /** Whether it needs the clipboard, which is one for all. */
  readonly copies?: boolean
  run(bench: Bench): Promise<void>
}
