import type { Seed } from '../../schemas/seed.ts'
import type { Catalogue } from '../errors.ts'
import { openEmpty, openImage } from '../store/image.ts'
import type { Store } from '../store/store.ts'
import { createStore } from '../store/store.ts'
import { successionOf } from './state.ts'
import type { ChosenSeed, Snapshot, Succession, World, WorldSettings } from './world.ts'
import { createWorld, setClock } from './world.ts'

export const defaultName = 'default'

export interface WorldsOptions {
  /** Of the default world, and of every world that is not given others. */
  readonly settings: WorldSettings
  readonly seed: ChosenSeed
  readonly errors: Catalogue
  readonly wallClock: () => number
  /** The store of the default world. */
  readonly store: Store
  /** Whether that store is a file: then the default world is replaced within it, in one transaction. */
  readonly isFile: boolean
  /** How many worlds there may be beside the default one. */
  readonly limit: number
  /** After how long without use a world is dropped; for ever where it is infinite. */
  readonly idleMillis: number
}

/** All worlds of one emulator. The default world is always there; the others appear on first use, in memory. */
export class Worlds {
  readonly #options: WorldsOptions
  readonly #named = new Map<string, World>()
  #main: World

  constructor(options: WorldsOptions) {
    this.#options = options
    const { settings, seed, errors, wallClock, store } = options
    this.#main = createWorld({ name: defaultName, settings, seed, errors, wallClock, store })
  }

  /** The default world. */
  get main(): World {
    return this.#main
  }

  get limit(): number {
    return this.#options.limit
  }

  /** What a world gets that is not told otherwise. */
  get defaults(): { readonly settings: WorldSettings; readonly seed: ChosenSeed } {
    return this.#options
  }

  /** A world that is there; asking does not count as use. */
  find(name: string): World | undefined {
    if (name === defaultName) return this.#main
    const world = this.#named.get(name)
    return world && this.#isIdle(world) ? undefined : world
  }

  list(): World[] {
    this.#prune()
    return [this.#main, ...this.#named.values()]
  }

  /** Whether one world more, of this name, would be too many. */
  isFull(name: string): boolean {
    if (this.find(name)) return false
    this.#prune()
    return this.#named.size >= this.limit
  }

  /** The world of a request, made on first use. */
  use(name: string): World {
    const world = this.find(name) ?? this.begin(name)
    world.usage.lastUsedAt = this.#options.wallClock()
    return world
  }

  /** Starts a world anew, whatever it was before. */
  begin(name: string, settings = this.#options.settings, seed = this.#options.seed): World {
    return this.#replace(name, emptyStore, (store) => {
      if (this.#isInFile(name)) store.wipe()
      return this.#create(store, name, settings, seed)
    })
  }

  /** Keeps settings and seed, and drops everything else. */
  reset({ name, settings, seed }: World): World {
    return this.begin(name, settings, seed)
  }

  /** Drops a world; the default one stays. */
  remove(name: string): void {
    const world = this.#named.get(name)
    this.#named.delete(name)
    if (world) retire(world)
  }

  /** Takes what a snapshot holds; settings and snapshots stay. */
  restore(world: World, { image, clock, instant }: Snapshot): World {
    const open = () => createStore(openImage(image))
    return this.#replace(world.name, open, (store) => {
      if (this.#isInFile(world.name)) store.overwrite(image)
      const restored = this.#create(store, world.name, world.settings, world.seed)
      setClock(restored, restored.clock.resumedAt(clock, instant))
      return keepOutside(world, restored)
    })
  }

  /** Takes the content of a document; settings, clocks, snapshots and, where it brings none, credentials stay. */
  importState(world: World, document: Seed): World {
    return this.#replace(world.name, emptyStore, (store) => {
      const succession = successionOf(world, document)
      if (this.#isInFile(world.name)) store.wipe()
      return keepOutside(world, this.#create(store, world.name, world.settings, world.seed, succession))
    })
  }

  /** Closes every store, of the default world last. */
  close(): void {
    for (const { store } of this.list().reverse()) store.close()
    this.#named.clear()
  }

  /** Makes a world whole before anybody can see it, then puts it in the place of the one before. */
  #replace(name: string, open: () => Store, make: (store: Store) => World): World {
    const before = name === defaultName ? this.#main : this.#named.get(name)
    const store = this.#isInFile(name) ? this.#options.store : open()
    const fresh = makeOrClose(store, make, store !== before?.store)
    if (name === defaultName) this.#main = fresh
    else this.#named.set(name, fresh)
    before?.journal.handOver(fresh.journal)
    if (before?.store === fresh.store) before.usage.isOverwritten = true
    else if (before) retire(before)
    return fresh
  }

  #create(store: Store, name: string, settings: WorldSettings, seed: ChosenSeed, succession?: Succession): World {
    const { errors, wallClock } = this.#options
    return createWorld({ name, settings, seed, errors, wallClock, store }, succession)
  }

  #isInFile(name: string): boolean {
    return this.#options.isFile && name === defaultName
  }

  #isIdle({ usage }: World): boolean {
    return this.#options.wallClock() - usage.lastUsedAt > this.#options.idleMillis
  }

  #prune(): void {
    for (const world of [...this.#named.values()].filter((one) => this.#isIdle(one))) this.remove(world.name)
  }
}

const emptyStore = (): Store => createStore(openEmpty())

/** In one transaction, which in a file holds the end of the old world as well. */
function makeOrClose(store: Store, make: (store: Store) => World, isNew: boolean): World {
  try {
    return store.transact(() => make(store))
  } catch (error) {
    if (isNew) store.close()
    throw error
  }
}

/** What restoring and importing leave as it is: snapshots, faults and the journal. */
function keepOutside({ snapshots, faults, journal, unkindness }: World, to: World): World {
  return { ...to, snapshots, faults, journal, unkindness }
}

/** Closing a large store takes a while; whoever asked for another world need not wait for that. */
function retire({ usage, store }: World): void {
  usage.isRetired = true
  if (usage.leases === 0) setImmediate(() => store.close())
}

/**
 * Keeps a world's store open while a request waits, even if another world takes its place meanwhile.
 *
 * @returns what ends it; to be called once
 */
export function lease(world: World): () => void {
  world.usage.leases += 1
  return () => {
    world.usage.leases -= 1
    if (world.usage.isRetired && world.usage.leases === 0) world.store.close()
  }
}

/** Keeps a world as it is now under a label, in place of an earlier snapshot of that label. */
export function takeSnapshot({ store, clock, snapshots }: World, label: string): Snapshot {
  const snapshot = {
    image: store.image(),
    clock: clock.state(),
    instant: clock.stateNow(),
    takenAt: clock.wallNow(),
  }
  snapshots.set(label, snapshot)
  return snapshot
}
