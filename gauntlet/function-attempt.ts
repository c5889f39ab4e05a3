import { setTimeout as wait } from 'node:timers/promises'
import type { AttemptEnd, AttemptPlace, RunClient } from './attempt.ts'

/** What a client in this process is: it resolves where the backup is made, and rejects where it is not. */
export type Work = (place: AttemptPlace) => unknown

/** How long a function may take that is asked to end. */
const graceMillis = 500

/** Calls a function; it is told by the signal when its time is over, and is not waited for much longer then. */
export const functionAttempt =
  (work: Work): RunClient =>
  async (place) => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<AttemptEnd>()
    const stop = async () => {
      await wait(graceMillis, undefined, { ref: false })
      end({ status: 1, output: 'it did not end when its signal was aborted' })
    }
    const told = () => void stop()
    place.signal.addEventListener('abort', told)
    if (place.signal.aborted) told()
    const done = Promise.resolve()
      .then(() => work(place))
      .then(
        (): AttemptEnd => ({ status: 0, output: '' }),
        (error: unknown): AttemptEnd => ({
          status: 1,
          output: String(error instanceof Error ? error.message : error),
          cause: error,
        }),
      )
    try {
      return await Promise.race([done, isOver])
    } finally {
      place.signal.removeEventListener('abort', told)
    }
  }
