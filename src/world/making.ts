import type { Seed } from '../../schemas/seed.ts'
import type { Image } from '../store/image.ts'
import { openEmpty, openImage } from '../store/image.ts'
import type { Store } from '../store/store.ts'
import { createStore } from '../store/store.ts'
import type { WorldArchive } from './archive.ts'
import { controlStateIn } from './archive.ts'
import type { Beginning } from './beginning.ts'
import { createWorld, plantedSeed, rebase } from './beginning.ts'
import { randomFrom } from './random.ts'
import { successionOf } from './state.ts'
import type { Snapshot, World } from './world.ts'
import { setClock } from './world.ts'
import type { WorldSettings } from './world-settings.ts'
import type { Surroundings } from './worlds-options.ts'

/** How a world comes to be: over a store of its own, or in the place of everything that a file holds. */
export interface Making {
  open(): Store
  /** @param isUsed whether the store holds the world before, to be replaced within the caller's transaction */
  make(store: Store, isUsed: boolean): World
}

export const emptyStore = (): Store => createStore(openEmpty())

/** A new world, with nothing of the one before. */
export const anew = (name: string, beginning: Beginning, around: Surroundings): Making => ({
  open: emptyStore,
  make(store, isUsed) {
    if (isUsed) store.wipe()
    return createWorld({ ...around, ...beginning, name, store })
  },
})

const over = (image: Image, make: (store: Store) => World): Making => ({
  open: () => createStore(openImage(image)),
  make(store, isUsed) {
    if (isUsed) store.overwrite(image)
    return make(store)
  },
})

/** @param moved by how much the clock was moved before, of which its journal tells */
const goOn = (world: World, { clock, instant }: Pick<Snapshot, 'clock' | 'instant'>, moved = 0): World => {
  setClock(world, world.clock.resumedAt(clock, instant))
  world.clock.countFrom(moved)
  return world
}

/** The same world as it was; settings, snapshots, faults and the journal stay. */
export const restored = (world: World, snapshot: Snapshot, around: Surroundings): Making =>
  over(snapshot.image, (store) => {
    const { name, own, settings, seed } = world
    const made = createWorld({ ...around, name, own, settings, seed, store }, world)
    return goOn(made, snapshot, world.clock.moved() + snapshot.instant - world.clock.stateNow())
  })

/** The same world with the content of a document; clocks stay and, where it brings none, credentials. */
export const imported = (world: World, document: Seed, around: Surroundings): Making => ({
  open: emptyStore,
  make(store, isUsed) {
    const succession = successionOf(world, document)
    if (isUsed) store.wipe()
    const { name, own, settings, seed } = world
    const made = createWorld({ ...around, name, own, settings, seed, store }, world, succession)
    made.clock.countFrom(world.clock.moved())
    return made
  },
})

/**
 * A copy of what another world holds, or held; nothing that acts on that one or looks at it comes along.
 *
 * @param others settings in place of the other's
 */
export const forked = (
  name: string,
  base: World,
  snapshot: Snapshot,
  others: Partial<WorldSettings>,
  around: Surroundings,
): Making =>
  over(snapshot.image, (store) => {
    const beginning = { own: { ...base.own, ...others }, settings: { ...base.settings, ...others }, seed: base.seed }
    rebase(store, beginning, others.random === undefined ? null : randomFrom(others.random))
    return goOn(createWorld({ ...around, ...beginning, name, store }), snapshot)
  })

/**
 * An archived world, with all that acted on it and looked at it.
 *
 * @param isParked whether its clocks go on as if it had never been away, otherwise where they stood
 */
export const adopted = (name: string, archive: WorldArchive, isParked: boolean, around: Surroundings): Making =>
  over(archive.image, (store) => {
    const { settings, createdAt } = archive
    const own = { own: settings, settings }
    rebase(store, own, null)
    store.origin.saveClock(JSON.stringify(archive.clock))
    const origins = { ...around, ...own, seed: plantedSeed(store.origin.planted()), name, store, createdAt }
    const world = createWorld(origins, controlStateIn(archive, around.journals))
    return isParked ? world : goOn(world, archive)
  })

/** What work finds in a world as it was when a snapshot was taken, of which nothing stays. */
export function lookedAt<Result>(
  world: World,
  { image }: Snapshot,
  around: Surroundings,
  work: (then: World) => Result,
): Result {
  const { name, own, settings, seed } = world
  const store = createStore(openImage(image))
  try {
    return work(createWorld({ ...around, name, own, settings, seed, store }, world))
  } finally {
    store.close()
  }
}

/** In one transaction, which in a file holds the end of the old world as well. */
export function makeOrClose(store: Store, make: (store: Store) => World, isNew: boolean): World {
  try {
    return store.transact(() => make(store))
  } catch (error) {
    if (isNew) store.close()
    throw error
  }
}
