import { median } from './statistics.ts'

/** How one set of processes compared in one workload: medians of its rounds, each a rate against that of the first base. */
export interface SetRatios {
  /** Of the product now. */
  readonly now: number
  /** Of the same base once more, in a process of its own. */
  readonly again: number
}

export interface Judgement {
  /** The product now, against what the base is. */
  readonly ratio: number
  /** What may be less than 1 without a reason, for instance 0.03. */
  readonly noise: number
  readonly isSlower: boolean
}

/** Less than that nobody notices, however quiet the machine is. */
const leastNoise = 0.02
/** Of a median of sets: four standard errors, for it is asked for several workloads every night. */
const confidence = 4
/** From the median of absolute deviations to the standard deviation, of what is normally distributed. */
const ofMedian = 1.4826
/** How much less sure a median is than a mean. */
const lossOfMedian = 1.2533

/**
 * Whether the product became slower, by more than two processes of the same build differ. Both processes of the base are equals,
 * so that what is measured now is compared with the middle of both, and how far they are apart is the noise.
 *
 * @param sets at least one
 */
export function judge(sets: readonly SetRatios[]): Judgement {
  const ratio = Math.exp(median(sets.map(({ now, again }) => Math.log(now) - Math.log(again) / 2)))
  // Two processes differ by √2 of the deviation of one; one and the middle of two by √1.5.
  const deviation = (ofMedian * median(sets.map(({ again }) => Math.abs(Math.log(again))))) / Math.SQRT2
  const error = (lossOfMedian * Math.sqrt(1.5) * deviation) / Math.sqrt(sets.length)
  const noise = Math.max(leastNoise, 1 - Math.exp(-confidence * error))
  return { ratio, noise, isSlower: ratio < 1 - noise }
}
