import type { OperationId } from '../schemas/index.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { TargetLost, Unobservable } from './failures.ts'
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
/** So long a run waits in all for a target that throttles while it takes away what it made, so that it comes to its end. */
const mostWaitMillis = 60_000
/** Likewise while it asks: whoever lets few requests through a minute is to be verified, too. */
const mostAskingMillis = 300_000
const usualWaitMillis = 1000

/** How long an answer wants one to wait (RFC 9110, 10.2.3); `undefined` where it is not about that. */
function waitOf({ status, headers: { 'retry-after': after } }: Answer, now: number): number | undefined {
  if (status !== 429 && (status !== 503 || after === undefined)) return undefined
  const millis = /^\d{1,9}$/.test(after ?? '') ? 1000 * Number(after) : Date.parse(after ?? '') - now
  return Number.isNaN(millis) ? usualWaitMillis : Math.max(0, millis)
}

type Rest = (millis: number) => Promise<void>

/** Asks again where a target throttles, after as long as it says, and not for ever. */
function retrying({ now }: Pick<Target, 'now'>, rest: Rest, mostMillis: number) {
  let waited = 0

  async function isWorthWaiting(answer: Answer): Promise<boolean> {
    const wait = waitOf(answer, now())
    if (wait === undefined || waited + wait > mostMillis) return false
    waited += wait
    await rest(wait)
    return true
  }

  return async (ask: () => Promise<Answer>): Promise<Answer> => {
    let answer = await ask()
    for (let tries = 1; tries < mostTries && (await isWorthWaiting(answer)); tries += 1) answer = await ask()
    return answer
  }
}

/**
 * A target that is asked again where it throttles: to have no time is neither success nor refusal of what was asked.
 *
 * @param rest waits, and throws where the run is interrupted
 * @returns one whose methods throw `Unobservable` where it goes on throttling
 */
export function patientWith(target: Target, rest: Rest): Target {
  const again = retrying(target, rest, mostAskingMillis)
  const answerOf = async (ask: () => Promise<Answer>): Promise<Answer> => {
    const answer = await again(ask)
    if (waitOf(answer, target.now()) === undefined) return answer
    const { 'retry-after': after } = answer.headers
    const asked = after === undefined ? '' : `, and asks to wait: ${after}`
    throw new Unobservable(`the server throttles: it answered HTTP ${answer.status}${asked}`)
  }
  return {
    ...target,
    call: (operation, call) => answerOf(() => target.call(operation, call)),
    send: (method, path, call) => answerOf(() => target.send(method, path, call)),
    upload: (url, bytes) => answerOf(() => target.upload(url, bytes)),
  }
}

/**
 * How to ask a target that may be throttling or lost.
 *
 * @param rest waits, also once the run is interrupted
 * @returns begins an attempt: what asks, and gives up where the target is lost
 */
export function openPatience(target: Pick<Target, 'call' | 'now'>, rest: Rest) {
  const again = retrying(target, rest, mostWaitMillis)
  const askAgain = (operation: OperationId, call: Call) => again(() => target.call(operation, call))

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
