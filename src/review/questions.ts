import type { Reviewed } from './reviewed.ts'

/** Small questions that the rules of the review ask of an exchange. */

/** Whether what was asked for was done; the object store answers without a code. */
export const isSuccess = ({ code, operation, refusal, rowsWritten }: Reviewed): boolean =>
  code === 0 || (operation === 'uploadPart' && refusal === null && rowsWritten > 0)

/** Done, and the client was told so. */
export const isGiven = (exchange: Reviewed): boolean => isSuccess(exchange) && exchange.delivered

/** Whether the emulator, and not a fault, refused it for one of these. */
export const isTold = ({ refusal, isInjected }: Reviewed, ...refusals: string[]): boolean =>
  refusal !== null && refusals.includes(refusal) && !isInjected

export const isOf = (exchange: Reviewed, ...operations: string[]): boolean =>
  exchange.operation !== null && operations.includes(exchange.operation)

/** Whether the client did what it could: it went well, or what came in between was not its fault. */
export const isAttempt = (exchange: Reviewed): boolean =>
  isSuccess(exchange) || exchange.fault !== null || !exchange.delivered || isThrottled(exchange)

/** Whether the client was told to come again later. */
export const isThrottled = ({ status, refusal, retryAfter, code }: Reviewed): boolean =>
  status === 429 || refusal === 'throttled' || (retryAfter !== null && code !== 0)

/** From the end of one exchange to the beginning of another; by either clock, for a test may let the state clock wait. */
export const waited = (one: Reviewed, other: Reviewed): number =>
  Math.max(other.startedAt - one.endedAt, other.time - one.endTime)

/** Values as one key. */
export const keyOf = (...values: readonly (string | null | undefined)[]): string => JSON.stringify(values)

/** The user's device and module that an exchange is about. */
export const moduleOf = ({ userId, facts: { sent } }: Reviewed): string => keyOf(userId, sent.deviceId, sent.moduleCode)

export const deviceOf = ({ userId, facts: { sent } }: Reviewed): string => keyOf(userId, sent.deviceId)

/** Whether a lock was refused that lives, because it was shown for another module (DEC-26). */
export const isOfOtherModule = ({ reason }: Reviewed): boolean => String(reason).includes('of another module')

/** The parts that have not come, for which a completion was refused (DEC-42); of very many, some. */
export function missingParts({ reason }: Reviewed): number[] {
  const [, list = ''] = /^missing: parts? ([-\d, ]+)/.exec(String(reason)) ?? []
  return [...list.matchAll(/(\d+)(?:-(\d+))?/g)].flatMap(([, first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index),
  )
}

/** Whether a part completed its file by itself, as worlds with completion=put let it. */
export const isCompleting = ({ reason }: Reviewed): boolean => String(reason).includes('completion=put')
