import type { Seed } from '../../schemas/seed.ts'
import type { Catalogue } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { IdSequence } from './ids.ts'
import { createIdSequence, noIdsYet } from './ids.ts'
import { plant } from './planting.ts'

/** How a world behaves where teams want different readings. */
export interface WorldSettings {
  /** DEC-3. */
  readonly auth: 'any' | 'known'
  /** DEC-16. */
  readonly devices: 'adopt' | 'strict'
  /** DEC-11. */
  readonly errorStatus: 'http' | 'ok'
  /** DEC-19: per user, device and module. */
  readonly scopesPerModule: number
}

/** All the state there is; two worlds share nothing. */
export interface World {
  readonly name: string
  readonly settings: WorldSettings
  readonly errors: Catalogue
  readonly store: Store
  readonly clock: Clock
  readonly ids: IdSequence
  /** True where this start applied the seed; false where the database had one already (DEC-32). */
  readonly seeded: boolean
}

export interface Origins {
  readonly name: string
  readonly settings: WorldSettings
  readonly errors: Catalogue
  readonly store: Store
  readonly clock: Clock
  /** Applied where the store is new, otherwise left aside. */
  readonly seed: Seed
  /** DEC-31: 0 to 65,535, likewise for a new store only. */
  readonly worker: number
}

/** A world over a store: continued where the store has been used before, otherwise begun from the seed. */
export function createWorld({ seed, worker, store, clock, ...rest }: Origins): World {
  const previous = store.origin.read()
  const origin = previous ?? { ...noIdsYet, seed: JSON.stringify(seed), worker }
  const ids = createIdSequence(origin.worker, origin)
  const world: World = { ...rest, store, clock, ids, seeded: previous === undefined }
  if (previous === undefined) {
    commit(world, () => {
      store.origin.begin(origin)
      plant(world, seed)
    })
  }
  return world
}

/** Runs `work` whole or not at all: what it throws undoes its rows and gives back its ids. */
export function commit<Result>(world: World, work: () => Result): Result {
  const before = world.ids.position()
  try {
    return world.store.transact(() => {
      const result = work()
      const after = world.ids.position()
      if (after !== before) world.store.origin.saveIds(after)
      return result
    })
  } catch (error) {
    world.ids.rewind(before)
    throw error
  }
}
