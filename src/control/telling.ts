import { Problem } from './problem.ts'

/** @throws Problem 400 for what could never be told anything */
export function requireListener(listener: unknown, told: string): void {
  if (typeof listener !== 'function') throw new Problem(400, `the listener is no function; expected one of ${told}`)
}

/** Tells a listener of this process; what it throws is for whoever looks after what nobody caught. */
export function tellOf<Told>(told: Told, listener: (told: Told) => void): void {
  try {
    listener(told)
  } catch (error) {
    void Promise.reject(error)
  }
}
