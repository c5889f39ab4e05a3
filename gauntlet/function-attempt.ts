import type { AttemptPlace, RunClient } from './attempt.ts'

/** What a client in this process is: it resolves where the backup is made, and rejects where it is not. */
export type Work = (place: AttemptPlace) => unknown

/** Calls a function; it is told by the signal when its time is over, and is not waited for any longer then. */
export const functionAttempt =
  (work: Work): RunClient =>
  async (place) => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<{ status: number; output: string }>()
    const stop = () => end({ status: 1, output: 'it did not end when its signal was aborted' })
    place.signal.addEventListener('abort', stop)
    if (place.signal.aborted) stop()
    const done = Promise.resolve()
      .then(() => work(place))
      .then(
        () => ({ status: 0, output: '' }),
        (error: unknown) => ({ status: 1, output: String(error instanceof Error ? error.message : error) }),
      )
    try {
      return await Promise.race([done, isOver])
    } finally {
      place.signal.removeEventListener('abort', stop)
    }
  }
