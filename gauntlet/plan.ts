import type { Adversity } from './adversity.ts'
import type { ClientCall } from './calls.ts'
import type { Depth } from './depth.ts'
import { networkAdversities } from './plan-network.ts'
import { wholeAdversities } from './plan-whole.ts'
import { worldAdversities } from './plan-world.ts'

/** What is found soonest comes first, so that a run that ends with the first failure is short. */
const byPower = [
  'throttle',
  'reversed',
  'pages',
  'fields',
  'cursors',
  'fail-item',
  'competitor',
  'lock-lost',
  'lose-answer',
  'lost',
  'outage',
]

const powerOf = ({ what }: Adversity): number => {
  const place = byPower.findIndex((start) => what.startsWith(start))
  return place < 0 ? byPower.length : place
}

/**
 * What could go wrong for a client that made these calls. There is no chance in it: the same calls, the same plan, whose
 * ids are the same for as long as the calls are.
 */
export function planOf(calls: readonly ClientCall[], depth: Depth): Adversity[] {
  const planned = [...networkAdversities(calls, depth), ...worldAdversities(calls, depth), ...wholeAdversities(depth)]
  const unique = new Map(planned.map((adversity) => [adversity.id, adversity]))
  return [...unique.values()]
    .map((adversity, place) => ({ adversity, place }))
    .sort((one, other) => powerOf(one.adversity) - powerOf(other.adversity) || one.place - other.place)
    .map(({ adversity }) => adversity)
}
