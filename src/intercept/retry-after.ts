import type { Retry } from '../world/fault.ts'

/**
 * `Retry-After` (RFC 9110, 10.2.3) in seconds or, counted from the `Date` of the answer, as a date.
 *
 * @param now what `Date` is made from
 */
export function retryAfter({ retryAfter: seconds, retryAfterForm }: Retry, now: number): Record<string, string> {
  if (seconds === undefined) return {}
  const date = new Date((Math.floor(now / 1000) + seconds) * 1000)
  return { 'retry-after': retryAfterForm === 'date' ? date.toUTCString() : String(seconds) }
}
