import type { Fault, FaultEffect } from './fault.ts'

/** How a request went: a fault answered in place of the work, the work was done, or the emulator refused it by itself. */
export type WorkOutcome = 'instead' | 'accepted' | 'refused'

/** A fault that fits a request, and whether its timing lets it fire. */
export interface Candidate {
  readonly fault: Fault
  readonly isDue: boolean
}

/** Effects on what was accepted: a request that is refused anyway neither fires them nor counts for them. */
const needWork: readonly FaultEffect['type'][] = ['loseAnswer', 'truncate', 'failItems']

export const needsWork = ({ effect }: Pick<Fault, 'effect'>): boolean => needWork.includes(effect.type)

/**
 * Which fault of those that fit a request fires, decided once, before the work: the first made whose moment comes. An
 * effect on accepted answers is reserved until it is known whether there is one; where there is none, what comes next
 * has its chance, which is as good as before the work, because a refused request has done nothing.
 */
export class FaultPlan {
  readonly #candidates: readonly Candidate[]
  #isSettled = false

  /** @param candidates in the order in which they were made, already counted */
  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates
  }

  /** The one that fires if the request is accepted. */
  get first(): Fault | undefined {
    return this.#due(() => true)
  }

  get isDecided(): boolean {
    return this.#isSettled
  }

  /** The one that fires, now that it is known how the request went; counts it. To be called once. */
  decide(outcome: WorkOutcome): Fault | undefined {
    this.#isSettled = true
    const isRefused = outcome === 'refused'
    if (isRefused) for (const { fault } of this.#candidates) if (needsWork(fault)) fault.matched -= 1
    const fired = this.#due((fault) => !(isRefused && needsWork(fault)))
    if (fired) fired.hits += 1
    return fired
  }

  #due(isPossible: (fault: Fault) => boolean): Fault | undefined {
    return this.#candidates.find(({ fault, isDue }) => isDue && isPossible(fault))?.fault
  }
}
