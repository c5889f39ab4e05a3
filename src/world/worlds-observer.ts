import type { World } from './world.ts'

/** Who is told of what becomes of worlds. */
export interface WorldsObserver {
  /** A world has taken its place, with a journal of its own. */
  begun(world: World, change: 'made' | 'reset' | 'forked' | 'adopted'): void
  /** A world goes on with another state. */
  replaced(world: World, change: 'restored' | 'imported'): void
  /** A world is gone, and its name is free, unless it is parked. */
  ended(world: World, isParked: boolean): void
}
