import type { Figure } from './statistics.ts'

/** A target, and what was found. */
export interface Verdict {
  readonly what: string
  /** Absent where a figure is only reported. */
  readonly target?: string
  readonly figure: Figure
  /** How two servers that are the same compare in the same rounds. */
  readonly noise?: Figure
  readonly isMet: boolean
}

const rounded = (target: number): string => `${Number(target.toPrecision(3))}`

export const atLeast = (what: string, target: number, figure: Figure): Verdict => ({
  what,
  target: `≥ ${rounded(target)}`,
  figure,
  isMet: figure.median >= target,
})

export const atMost = (what: string, target: number, figure: Figure): Verdict => ({
  what,
  target: `≤ ${rounded(target)}`,
  figure,
  isMet: figure.median <= target,
})

export const reported = (what: string, figure: Figure): Verdict => ({ what, figure, isMet: true })

/** The same verdicts, each beside what a ratio of equals was. */
export const besideNoise = (noise: Figure, verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.map((verdict) => ({ ...verdict, noise }))
