import type { Seed } from '../../schemas/seed.ts'
import { Coverage } from '../coverage/coverage.ts'
import type { Catalogue } from '../errors.ts'
import { Journal, JournalBudget } from '../journal/journal.ts'
import { soon } from '../process/real-time.ts'
import type { Store } from '../store/store.ts'
import { ChangeNotes } from './change-notes.ts'
import type { Clock, ClockState } from './clock.ts'
import { cursors, unkindCursors } from './cursor.ts'
import { Faults } from './faults.ts'
import type { IdSequence } from './ids.ts'
import type { Random } from './random.ts'
import { createRandom, randomFrom } from './random.ts'
import type { Unkindness } from './unkindness.ts'
import { unkindnessOf } from './unkindness.ts'
import type { WorldSettings } from './world-settings.ts'

/** What a world starts with, and how whoever chose it calls it: `bundled`, `none`, a path, `document`. */
export interface ChosenSeed {
  readonly choice: string
  readonly document: Seed
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

/** What acts on a world and looks at it from outside, and what was kept of it. */
export interface ControlState {
  readonly snapshots: Map<string, Snapshot>
  readonly faults: Faults
  readonly journal: Journal
  /** How unkind the world is; `null` where it is not. */
  readonly unkindness: Unkindness | null
  /** What was met of the contract. */
  readonly coverage: Coverage
  readonly notes: ChangeNotes
}

const noJournals = new JournalBudget(0)

/** Generators of their own, so that no id depends on them. */
export const controlStateOf = ({ random, unkind }: WorldSettings, journals: JournalBudget): ControlState => ({
  snapshots: new Map(),
  faults: new Faults(createRandom(randomFrom(~random))),
  journal: new Journal(journals),
  unkindness: unkind && unkindnessOf(unkind),
  coverage: new Coverage(),
  notes: new ChangeNotes(),
})

/** What a world is begun upon, and keeps. */
export interface Foundation {
  readonly name: string
  /** Those of the settings that it was given itself; the others are the server's. */
  readonly own: Partial<WorldSettings>
  readonly settings: WorldSettings
  readonly seed: ChosenSeed
  readonly errors: Catalogue
  readonly store: Store
}

interface Parts extends Foundation {
  readonly clock: Clock
  readonly ids: IdSequence
  /** Lock and upload ids come from it (DEC-31). */
  readonly random: Random
  /** True where this start applied the seed; false where the store had been used before (DEC-32). */
  readonly seeded: boolean
  /** By the wall clock; now where nothing is said. */
  readonly createdAt?: number | undefined
}

/** How a world is to be tried in. */
interface Trial {
  readonly now?: number | undefined
  readonly auth?: WorldSettings['auth']
  readonly notes?: ChangeNotes
}

/**
 * All the state there is; two worlds share nothing. Whoever works with it for longer than a turn of the loop retains it
 * first and releases it afterwards: so long it is in use, and its store is open even if another world takes its place.
 */
export class World implements Parts, ControlState {
  readonly name: string
  readonly own: Partial<WorldSettings>
  readonly settings: WorldSettings
  readonly seed: ChosenSeed
  readonly errors: Catalogue
  readonly store: Store
  readonly clock: Clock
  readonly ids: IdSequence
  readonly random: Random
  readonly seeded: boolean
  readonly cursors: typeof cursors
  readonly snapshots: Map<string, Snapshot>
  readonly faults: Faults
  readonly journal: Journal
  readonly unkindness: Unkindness | null
  readonly coverage: Coverage
  readonly notes: ChangeNotes
  /** By the wall clock, as is `lastUsedAt`. */
  readonly createdAt: number
  #lastUsedAt: number
  #holders = 0
  #isOver = false
  #isStoreShared = false

  constructor(parts: Parts, control: ControlState) {
    this.name = parts.name
    this.own = parts.own
    this.settings = parts.settings
    this.seed = parts.seed
    this.errors = parts.errors
    this.store = parts.store
    this.clock = parts.clock
    this.ids = parts.ids
    this.random = parts.random
    this.seeded = parts.seeded
    const { unkind } = parts.settings
    this.cursors = unkind && unkindnessOf(unkind).cursors ? unkindCursors : cursors
    this.snapshots = control.snapshots
    this.faults = control.faults
    this.journal = control.journal
    this.coverage = control.coverage
    this.unkindness = control.unkindness
    this.notes = control.notes
    this.#lastUsedAt = parts.clock.wallNow()
    this.createdAt = parts.createdAt ?? this.#lastUsedAt
  }

  get lastUsedAt(): number {
    return this.#lastUsedAt
  }

  /** Whether somebody works with it right now. */
  get isHeld(): boolean {
    return this.#holders > 0
  }

  /** Whether another world, or none, has taken its place: what is done to it now, nobody will see. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Counts as use. */
  touch(): void {
    this.#lastUsedAt = this.clock.wallNow()
  }

  retain(): void {
    this.#holders += 1
    this.touch()
  }

  /** To be called once for each `retain`. */
  release(): void {
    this.#holders -= 1
    this.touch()
    if (this.#isOver) this.#closeStore()
  }

  /** Gives its place to another, or to none; the store closes when nobody holds it, unless the other works on it. */
  close(heir?: World): void {
    this.#isOver = true
    this.#isStoreShared = heir?.store === this.store
    if (heir?.journal !== this.journal) this.journal.clear()
    // Closing a large store takes a while; whoever asked for another world need not wait for that.
    soon(() => this.#closeStore())
  }

  /** Closes its store at once, whoever holds it: the emulator ends. */
  end(): void {
    this.#isOver = true
    this.store.close()
  }

  /** The world as it is now, to be restored. */
  snapshot(): Snapshot {
    const { store, clock } = this
    return { image: store.image(), clock: clock.state(), instant: clock.stateNow(), takenAt: clock.wallNow() }
  }

  /**
   * The same world without anything that acts on it or looks at it from outside: what is tried there is the caller's to
   * undo, with `commit`. Both clocks stand at `now`, `auth` says whose credentials are good, and `notes` takes what changes.
   */
  trial({ now, auth = this.settings.auth, notes }: Trial = {}): World {
    const stands = now === undefined ? {} : { stateNow: () => now, signingNow: () => now }
    const apart = controlStateOf({ ...this.settings, unkind: null }, noJournals)
    const control = notes ? { ...apart, notes } : apart
    const settings = { ...this.settings, auth }
    return new World({ ...this, settings, clock: { ...this.clock, ...stands } }, control)
  }

  #closeStore(): void {
    if (!this.isHeld && !this.#isStoreShared) this.store.close()
  }
}

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

/** Remembers that a world is put back to another state. */
export function restoredAfter({ journal, notes }: World): void {
  journal.noteRestoration()
  notes.noteRestoration()
}
