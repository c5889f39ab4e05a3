import type { ClockView } from '../../schemas/control.ts'

/** What the clocks of a world showed, and when the page was told, by a clock of the page that only ever runs forward. */
export interface ClockReading {
  readonly view: ClockView
  /** In milliseconds. */
  readonly readAt: number
}

export type WhichClock = 'state' | 'signing'

/** Whether a clock runs; the signing clock stands still only where it follows a state clock that does. */
export const runs = ({ frozen, signing }: ClockView, which: WhichClock): boolean =>
  !frozen || (which === 'signing' && signing === 'wall')

/** What a clock shows at another moment of the page's clock, in Unix milliseconds; never less than when it was read. */
export const clockAt = ({ view, readAt }: ClockReading, which: WhichClock, at: number): number =>
  Date.parse(which === 'state' ? view.now : view.signingNow) + (runs(view, which) ? Math.max(0, at - readAt) : 0)

/** DEC-5: how long an `X-Date` is believed. */
export const dateWindow = 15 * 60_000

/** An `X-Date` as an instant; `undefined` where it is none. */
export function readXDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hours, minutes, seconds] = parts.slice(1)
  const millis = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`)
  return Number.isNaN(millis) ? undefined : millis
}

/** An instant as `X-Date`. */
export const asXDate = (millis: number): string => new Date(millis).toISOString().replace(/[-:]|\.\d{3}/g, '')

/**
 * Where an `X-Date` stands in its window: 0 where it is just old enough, 1 where it is now; below and above, it is refused.
 *
 * @param signing what the signing clock showed when it arrived
 */
export const placeInWindow = (date: number, signing: number): number => (date - signing + dateWindow) / dateWindow

/** How long a lock lives, and when to renew it (LCK-1, DEC-25). */
export const lockLife = 10 * 60_000
export const renewalDue = 0.8
