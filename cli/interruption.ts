import type { EventEmitter } from 'node:events'

/** How a run learns that somebody wants it to end. */
export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** Listens no more. */
  stop(): void
}

/** Ctrl-C under npm arrives twice, from the terminal and from npm; that is still one wish. */
const sameWishMillis = 500

/** By all of these somebody wants a process to end: a person, a supervisor, a terminal that closes, a person in a hurry. */
export const endSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']

/**
 * Watches for signals.
 *
 * @param again called for a further one, by somebody who cannot wait for the cleaning up
 */
export function watchSignals(
  process: EventEmitter,
  wallClock: () => number,
  again: () => void,
  names: readonly NodeJS.Signals[] = endSignals,
): Interruption {
  const controller = new AbortController()
  let first: number | undefined
  const hear = () => {
    first ??= wallClock()
    controller.abort()
    if (wallClock() - first >= sameWishMillis) again()
  }
  for (const name of names) process.on(name, hear)
  return {
    signal: controller.signal,
    stop() {
      for (const name of names) process.off(name, hear)
    },
  }
}
