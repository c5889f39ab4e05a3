import type { ClockRequest } from '../../schemas/control.ts'
import type { ClockChange, ClockState } from '../world/clock.ts'
import type { World } from '../world/world.ts'
import { instantIn, outsideRange, signedSpanIn, spanIn } from './instants.ts'

/** What a clock is told (DEC-30). @throws Problem 400 */
export const clockChangeOf = ({ frozen, now, advance, skew, signing }: ClockRequest): ClockChange => ({
  frozen,
  signing,
  now: now === undefined ? undefined : instantIn('body/now', now),
  advance: advance === undefined ? undefined : spanIn('body/advance', advance),
  skew: skew === undefined ? undefined : signedSpanIn('body/skew', skew),
})

/** What a world's clocks are after a change, which is made whole or not at all. @throws Problem 400 */
export function clockStateAfter({ clock }: World, change: ClockChange): ClockState {
  const state = clock.after(change)
  if (state === undefined) throw outsideRange()
  return state
}
