/** Upper bounds of the spans that answers take, in seconds. */
export const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const

/** How long the answers of one operation took. */
export interface Histogram {
  /** How many came within each bound and above the one before it; the last are those above all. */
  readonly counts: number[]
  seconds: number
}

/** What is counted of an exchange that is over. */
export interface Over {
  readonly operation: string
  /** `null` where there was no answer. */
  readonly status: number | null
  readonly code: number | null
  readonly durationMs: number
  /** The effects of the faults that fired. */
  readonly effects: readonly string[]
}

/** Counts exchanges since the process began: of which operation and with which outcome, never whose. */
export class Meter {
  /** By operation, status and code, as the labels of the metric. */
  readonly requests = new Map<string, number>()
  readonly durations = new Map<string, Histogram>()
  readonly fired = new Map<string, number>()

  count({ operation, status, code, durationMs, effects }: Over): void {
    increment(this.requests, `operation="${operation}",status="${status ?? 'none'}",code="${code ?? 'none'}"`)
    this.#time(operation, durationMs / 1000)
    for (const effect of effects) increment(this.fired, effect)
  }

  #time(operation: string, seconds: number): void {
    let histogram = this.durations.get(operation)
    if (histogram === undefined) {
      histogram = { counts: new Array(buckets.length + 1).fill(0), seconds: 0 }
      this.durations.set(operation, histogram)
    }
    const bucket = buckets.findIndex((bound) => seconds <= bound)
    const index = bucket < 0 ? buckets.length : bucket
    histogram.counts[index] = Number(histogram.counts[index]) + 1
    histogram.seconds += seconds
  }
}

const increment = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
