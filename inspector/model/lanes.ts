/** Something that has its place in time. */
export interface Timed {
  /** In Unix milliseconds. */
  readonly at: number
}

/** How places are given to instants: by a clock, with long idle times folded to one step, or all evenly. */
export type Spacing = 'folded' | 'clock' | 'even'

/** No two instants that follow each other are nearer, in units of the scale. */
const least = 1
/** What is idle longer than so many times the usual gap is folded. */
const longIdle = 6

/** Places of instants on a line from 0 to 1: later ones never stand before earlier ones. */
export class Scale {
  readonly #instants: readonly number[]
  readonly #places: readonly number[]

  /** @param instants in any order; there may be none */
  constructor(instants: readonly number[], spacing: Spacing) {
    this.#instants = [...new Set(instants)].toSorted((one, other) => one - other)
    const gaps = this.#instants.slice(1).map((instant, index) => instant - Number(this.#instants[index]))
    const steps = stepsOf(gaps, spacing)
    const total = steps.reduce((sum, step) => sum + step, 0)
    const places = [0]
    let sum = 0
    for (const step of steps) {
      sum += step
      places.push(sum / total)
    }
    this.#places = places
  }

  /** Where an instant stands; between two that are known, in proportion; outside, at the nearer end. */
  place(instant: number): number {
    const next = this.#instants.findIndex((known) => known >= instant)
    if (next < 0) return this.#instants.length === 0 ? 0 : 1
    const [to, toPlace] = [Number(this.#instants[next]), Number(this.#places[next])]
    if (next === 0 || to === instant) return toPlace
    const [from, fromPlace] = [Number(this.#instants[next - 1]), Number(this.#places[next - 1])]
    return fromPlace + ((instant - from) / (to - from)) * (toPlace - fromPlace)
  }
}

function stepsOf(gaps: readonly number[], spacing: Spacing): number[] {
  if (spacing === 'even') return gaps.map(() => least)
  if (spacing === 'clock') return [...gaps]
  const sorted = gaps.toSorted((one, other) => one - other)
  const usual = Math.max(1, sorted[Math.floor(sorted.length / 2)] ?? 1)
  return gaps.map((gap) => Math.min(longIdle, Math.max(least, gap / usual)))
}

/** Labels that have room: of those that would lie over each other, the first stays. */
export function withRoom<Label extends { readonly x: number }>(
  labels: readonly Label[],
  widthOf: (label: Label) => number,
): Label[] {
  const kept: Label[] = []
  let end = Number.NEGATIVE_INFINITY
  for (const label of labels.toSorted((one, other) => one.x - other.x)) {
    const half = widthOf(label) / 2
    if (label.x - half < end) continue
    kept.push(label)
    end = label.x + half
  }
  return kept
}
