import type { Seed } from '../../schemas/seed.ts'
import type { Catalogue } from '../errors.ts'
import type { App, TokenRow } from '../store/credentials.ts'
import type { Progress } from '../store/origin.ts'
import type { Store } from '../store/store.ts'
import type { Clock, ClockState } from './clock.ts'
import { createClock, untouched } from './clock.ts'
import { cursors } from './cursor.ts'
import { Faults } from './faults.ts'
import type { IdSequence } from './ids.ts'
import { createIdSequence, noIdsYet } from './ids.ts'
import { Journal } from './journal.ts'
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
  /** DEC-31: the worker number in its ids, 0 to 65,535. */
  readonly worker: number
  /** DEC-31: what the generator of lock and upload ids starts from. */
  readonly random: number
  /** Legal but unkind answers, drawn from this seed. */
  readonly unkind: { readonly seed: number } | null
}

/** What a world starts with, and how whoever chose it calls it: `bundled`, `none`, a path, `document`. */
export interface ChosenSeed {
  readonly choice: string
  readonly document: Seed
}

/** All the state there is; two worlds share nothing. */
export interface World {
  readonly name: string
  readonly settings: WorldSettings
  readonly seed: ChosenSeed
  readonly errors: Catalogue
  readonly store: Store
  readonly clock: Clock
  readonly ids: IdSequence
  /** Lock and upload ids come from it (DEC-31). */
  readonly random: Random
  readonly cursors: typeof cursors
  readonly snapshots: Map<string, Snapshot>
  readonly faults: Faults
  readonly journal: Journal
  /** Draws what is unkind; `null` in a world that is not. */
  readonly unkindness: Random | null
  readonly usage: Usage
  /** True where this start applied the seed; false where the store had been used before (DEC-32). */
  readonly seeded: boolean
}

/** A world as it was: its store, its clocks and the positions of its ids. */
export interface Snapshot {
  readonly image: Buffer
  readonly clock: ClockState
  /** What the state clock showed. */
  readonly instant: number
  /** By the wall clock. */
  readonly takenAt: number
}

/** Who uses a world; instants by the wall clock. */
export interface Usage {
  readonly createdAt: number
  lastUsedAt: number
  /** Requests that hold the world while they wait for bytes. */
  leases: number
  /** Set once another world has taken its place; the last lease then closes it. */
  isRetired: boolean
  /** Set once another world has taken its place in the same store, so that nothing of it is left to work on. */
  isOverwritten: boolean
}

export interface Origins {
  readonly name: string
  readonly settings: WorldSettings
  readonly seed: ChosenSeed
  readonly errors: Catalogue
  readonly store: Store
  readonly wallClock: () => number
}

/** What a new world begins with, in place of its seed alone, where it takes over from another. */
export interface Succession {
  readonly content: Seed
  readonly progress: Progress
  readonly clock: ClockState
  readonly tokens: readonly TokenRow[]
  readonly apps: readonly App[]
}

/** A world over a store: continued where the store has been used before, otherwise begun. */
export function createWorld({ store, wallClock, ...origins }: Origins, succession?: Succession): World {
  const previous = store.origin.read()
  const { settings, seed } = origins
  const { progress = noIdsYet, clock: clockState } = succession ?? {}
  const random = createRandom(previous?.random || succession?.progress.random || randomFrom(settings.random))
  const begun = { ...progress, random: random.state(), clock: clockState ? JSON.stringify(clockState) : '' }
  const origin = previous ?? { ...begun, seed: JSON.stringify(seed.document), worker: settings.worker }
  const clock = createClock(wallClock, origin.clock === '' ? untouched : JSON.parse(origin.clock))
  const ids = createIdSequence(origin.worker, origin)
  const snapshots = new Map<string, Snapshot>()
  const usage = { createdAt: wallClock(), lastUsedAt: wallClock(), leases: 0, isRetired: false, isOverwritten: false }
  const outside = outsideOf(settings)
  const rest = { store, clock, ids, random, cursors, snapshots, usage, ...outside, seeded: previous === undefined }
  const world = { ...origins, settings: { ...settings, worker: origin.worker }, ...rest }
  if (previous === undefined) {
    commit(world, () => {
      store.origin.begin(origin)
      plant(world, succession?.content ?? seed.document)
      for (const token of succession?.tokens ?? []) store.credentials.keepToken(token)
      for (const { appId, appSecret } of succession?.apps ?? []) store.credentials.addApp(appId, appSecret)
    })
  }
  return world
}

/** What acts on a world and looks at it from outside; generators of their own, so that no id depends on them. */
const outsideOf = ({ random, unkind }: WorldSettings) => ({
  faults: new Faults(createRandom(randomFrom(~random))),
  journal: new Journal(),
  unkindness: unkind && createRandom(randomFrom(unkind.seed)),
})

/** The same world without anything that acts from outside: for trials. */
export const withoutOutside = (world: World): World => ({
  ...world,
  ...outsideOf({ ...world.settings, unkind: null }),
})

/** Runs `work` whole or not at all: what it throws, or answers that is `toUndo`, undoes its rows and gives back its ids. */
export function commit<Result>(world: World, work: () => Result, toUndo?: (result: Result) => boolean): Result {
  const { store, ids, random } = world
  const position = ids.position()
  const mark = random.mark()
  let isDone = false
  try {
    const done = store.transact(() => {
      const result = work()
      if (ids.position() !== position || random.mark() !== mark) {
        store.origin.save({ ...ids.position(), random: random.state() })
      }
      return result
    }, toUndo)
    isDone = !toUndo?.(done)
    return done
  } finally {
    // Rather than a `catch` that throws again: to throw costs more than a statement does.
    if (!isDone) {
      ids.rewind(position)
      random.rewind(mark)
    }
  }
}

/** Moves a world's clocks, and remembers how they stand over a restart. */
export function setClock(world: World, state: ClockState): void {
  world.store.transact(() => world.store.origin.saveClock(JSON.stringify(state)))
  world.clock.set(state)
}
