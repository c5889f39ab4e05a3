import type { ClockRequest } from '../../schemas/control.ts'
import type { ClockChange } from '../world/clock.ts'
import type { World } from '../world/world.ts'
import { setClock } from '../world/world.ts'
import { instantIn, outsideRange, signedSpanIn, spanIn } from './instants.ts'

/** What a clock is told (DEC-30). @throws Problem 400 */
export const clockChangeOf = ({ frozen, now, advance, skew, signing }: ClockRequest): ClockChange => ({
  frozen,
  signing,
  now: now === undefined ? undefined : instantIn('body/now', now),
  advance: advance === undefined ? undefined : spanIn('body/advance', advance),
  skew: skew === undefined ? undefined : signedSpanIn('body/skew', skew),
})

/** Moves a world's clocks, whole or not at all. @throws Problem 400 */
export function moveClock(world: World, change: ClockChange): void {
  const state = world.clock.after(change)
  if (state === undefined) throw outsideRange()
  setClock(world, state)
}
