/** The page with one thing in it broken, and the words of the test or story that must notice. */
export interface Mutant {
  /** What it does wrong. */
  readonly defect: string
  /** Below `inspector/`. */
  readonly file: string
  /** What stands there once, and what takes its place. */
  readonly from: string
  readonly to: string
  /** Of the title of a test of `test/inspector.test.ts`, or of a story. */
  readonly by: string
}

/** A mutant of one file, which is to be noticed by these words. */
export const broken =
  (file: string, by: string) =>
  (defect: string, from: string, to: string): Mutant => ({ defect, file, from, to, by })
