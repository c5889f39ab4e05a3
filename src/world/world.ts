import type { Seed } from '../../schemas/seed.ts'
import type { Catalogue } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import { cursors } from './cursor.ts'
import type { IdSequence } from './ids.ts'
import { createIdSequence, noIdsYet } from './ids.ts'
import { plant } from './planting.ts'
import type { Random } from './random.ts'
import { createRandom, randomFrom } from './random.ts'

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
  /** Lock and upload ids come from it (DEC-31). */
  readonly random: Random
  readonly cursors: typeof cursors
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
  /** DEC-31: what the generator of lock and upload ids starts from. */
  readonly randomSeed: number
}

/** A world over a store: continued where the store has been used before, otherwise begun from the seed. */
export function createWorld({ seed, worker, randomSeed, store, clock, ...rest }: Origins): World {
  const previous = store.origin.read()
  const random = createRandom(previous?.random || randomFrom(randomSeed))
  const origin = previous ?? { ...noIdsYet, seed: JSON.stringify(seed), worker, random: random.state() }
  const ids = createIdSequence(origin.worker, origin)
  const world: World = { ...rest, store, clock, ids, random, cursors, seeded: previous === undefined }
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
  const { store, ids, random } = world
  const position = ids.position()
  const state = random.state()
  try {
    return store.transact(() => {
      const result = work()
      if (ids.position() !== position || random.state() !== state) {
        store.origin.save({ ...ids.position(), random: random.state() })
      }
      return result
    })
  } catch (error) {
    ids.rewind(position)
    random.rewind(state)
    throw error
  }
}
