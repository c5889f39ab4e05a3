import type { OperationId } from '../schemas/index.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { TargetLost } from './failures.ts'
import type { Answer, Call, Target } from './target.ts'

/** What came of a request that undoes something or looks whether it is gone. */
export interface Reply {
  /** Absent where none came, or nothing could be sent. */
  readonly answer?: Answer
  readonly said: string
}

export type Ask = (operation: OperationId, call: Call) => Promise<Reply>

/** After so many losses nothing further is tried: each may take as long as the patience with the target is. */
const mostLosses = 2
const mostTries = 3
/** So long a run waits in all for a target that throttles, so that it comes to its end. */
const mostWaitMillis = 60_000
const usualWaitMillis = 1000

/** How long an answer wants one to wait (RFC 9110, 10.2.3); `undefined` where it is not about that. */
function waitOf({ status, headers: { 'retry-after': after } }: Answer, now: number): number | undefined {
  if (status !== 429 && (status !== 503 || after === undefined)) return undefined
  const millis = /^\d{1,9}$/.test(after ?? '') ? 1000 * Number(after) : Date.parse(after ?? '') - now
  return Number.isNaN(millis) ? usualWaitMillis : Math.max(0, millis)
}

/**
 * How to ask a target that may be throttling or lost.
 *
 * @param rest waits, also once the run is interrupted
 * @returns begins an attempt: what asks, and gives up where the target is lost
 */
export function openPatience(target: Pick<Target, 'call' | 'now'>, rest: (millis: number) => Promise<void>) {
  let waited = 0

  async function isWorthWaiting(answer: Answer): Promise<boolean> {
    const wait = waitOf(answer, target.now())
    if (wait === undefined || waited + wait > mostWaitMillis) return false
    waited += wait
    await rest(wait)
    return true
  }

  async function askAgain(operation: OperationId, call: Call): Promise<Answer> {
    let answer = await target.call(operation, call)
    for (let tries = 1; tries < mostTries && (await isWorthWaiting(answer)); tries += 1)
      answer = await target.call(operation, call)
    return answer
  }

  return (): Ask => {
    let losses = 0
    return async (operation, call) => {
      if (losses === mostLosses) return { said: 'the server was lost' }
      try {
        const answer = await askAgain(operation, call)
        return { answer, said: `HTTP ${answer.status} ${answer.text.slice(0, 200)}` }
      } catch (error) {
        if (error instanceof TargetLost) losses += 1
        return { said: messageOf(error) }
      }
    }
  }
}
