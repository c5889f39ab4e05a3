import fc from 'fast-check'
import { TargetLost } from '../failures.ts'
import type { Failure } from './script.ts'

/** So many times a failure is tried to be had with less: a target may be slow. */
const patience = 100

export interface Found<Plan> {
  readonly plan: Plan
  readonly failure: Failure
}

/**
 * Tries plans, one after the other, and what is left of the first that fails when all is taken away that it does not need.
 *
 * @param attempt is told whether a plan is a part of one that failed already
 * @throws whatever an attempt throws, where none had failed before
 */
export async function shortestFailure<Plan>(
  plans: fc.Arbitrary<Plan>,
  attempt: (plan: Plan, isPart: boolean) => Promise<Failure | undefined>,
  { seed, runs }: { readonly seed: number; readonly runs: number },
): Promise<Found<Plan> | undefined> {
  let found: Found<Plan> | undefined
  let stop: { readonly cause: unknown } | undefined
  let left = patience
  // A connection may break by chance, and one that is kept may just have been given up there.
  let isForgiven = false

  async function tryOne(plan: Plan): Promise<void> {
    if (stop || left === 0) return
    if (found) left -= 1
    const failure = await attempt(plan, found !== undefined).catch((cause: unknown) => {
      if (cause instanceof TargetLost && !isForgiven) isForgiven = true
      else stop = { cause }
      return undefined
    })
    if (!failure) return
    found = { plan, failure }
    throw failure.mismatch
  }

  await fc.check(fc.asyncProperty(plans, tryOne), { seed, numRuns: runs })
  if (stop && !found) throw stop.cause
  return found
}
