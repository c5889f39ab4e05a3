import type { Coverage } from '../coverage/coverage.ts'
import { regularly } from '../process/real-time.ts'
import type { Absence } from './absence.ts'
import { groupOf } from './absence.ts'
import type { WorldArchive } from './archive.ts'
import type { Beginning } from './beginning.ts'
import { continued, createWorld } from './beginning.ts'
import { Chronicle } from './chronicle.ts'
import type { Making } from './making.ts'
import { adopted, anew, emptyStore, forked, imported, lookedAt, makeOrClose, restored } from './making.ts'
import { Residents } from './residents.ts'
import type { HowBegun } from './tally.ts'
import type { Watchers } from './watchers.ts'
import type { ChosenSeed, Snapshot, World } from './world.ts'
import { restoredAfter } from './world.ts'
import type { WorldSettings } from './world-settings.ts'
import type { WorldsOptions } from './worlds-options.ts'

export const defaultName = 'default'

/** How often worlds are looked for that nobody uses, at least. */
const longestPatience = 60_000

/** All worlds of one emulator. The default world is always there; the others appear on first use, in memory. */
export class Worlds extends Chronicle {
  readonly #options: WorldsOptions
  readonly #named: Residents
  #callOffSweep: () => void = () => undefined
  #main: World
  #newcomer: World | undefined

  constructor(options: WorldsOptions) {
    super()
    this.#options = options
    this.#named = new Residents(options, {
      isWatched: (name) => this.watchers.has(name),
      left: (world, why) => this.left(world, why),
    })
    this.#main = createWorld({ ...options, ...continued(options), name: defaultName })
    this.pass(this.#main)
    const { idleMillis, parking } = options
    this.sweep()
    if (parking || Number.isFinite(idleMillis)) {
      this.#callOffSweep = regularly(Math.min(idleMillis, longestPatience), () => this.sweep())
    }
  }

  /** The default world. */
  get main(): World {
    return this.#main
  }

  get journals(): WorldsOptions['journals'] {
    return this.#options.journals
  }

  get limit(): number {
    return this.#options.limit
  }

  /** Names of worlds that are parked; `undefined` where none ever is. */
  get parked(): string[] | undefined {
    return this.#options.parking?.names()
  }

  /** A world as a new one would be, which nobody uses. */
  get newcomer(): World {
    this.#newcomer ??= createWorld({ ...this.#options, ...this.#usual, name: defaultName, store: emptyStore() })
    return this.#newcomer
  }

  /** The world in memory that bears a name, left as it is: neither taken up where it is parked, nor used. */
  bearer(name: string): World | undefined {
    return name === defaultName ? this.#main : this.#named.get(name)
  }

  /** A world that is there, taken up where it was parked; asking does not count as use. */
  find(name: string): World | undefined {
    const { parking } = this.#options
    const world = this.bearer(name)
    if (parking === undefined) return world && world !== this.#main && this.#named.isIdle(world) ? undefined : world
    if (world) return world
    return parking.take(name, (archive) => {
      this.#named.makeRoom()
      return this.#takeUp(name, archive)
    })
  }

  /** @param group of this group only */
  list(group?: string): World[] {
    const all = [this.#main, ...this.#named.all()]
    return group === undefined ? all : all.filter(({ name }) => groupOf(name) === group)
  }

  /** Why a world of this name, which was not found, is not made when it is used. No world goes for the question. */
  absence(name: string): Absence | undefined {
    return this.#named.lack(name)
  }

  /**
   * Makes sure that a world of this name is there or may be made, for which others may have to go; says why it may not.
   *
   * @param isDeclared whether it is asked for in so many words
   */
  admit(name: string, isDeclared: boolean): Absence | undefined {
    return this.find(name) ? undefined : this.#named.makeRoomFor(name, isDeclared)
  }

  /** The world of a request, made on first use; where it is not there, it was admitted. */
  use(name: string): World {
    const world = this.find(name) ?? this.#replace(name, anew(name, this.#usual, this.#options), 'used')
    world.touch()
    return world
  }

  /** Starts a world anew, whatever it was before; it has the server's settings beside its own. */
  begin(name: string, own: Partial<WorldSettings> = {}, seed = this.#options.seed): World {
    return this.#declare(name, { own, settings: { ...this.#options.settings, ...own }, seed })
  }

  /** Keeps settings and seed, and drops everything else. */
  reset({ name, own, settings, seed }: World): World {
    return this.#declare(name, { own, settings, seed })
  }

  /** Takes what a snapshot holds; settings, snapshots, faults and the journal stay. */
  restore(world: World, snapshot: Snapshot): World {
    return this.#put(world.name, restored(world, snapshot, this.#options), 'restored')
  }

  /** Does work with a world as it was when a snapshot was taken, of which nothing stays. */
  lookAt<Result>(world: World, snapshot: Snapshot, work: (then: World) => Result): Result {
    return lookedAt(world, snapshot, this.#options, work)
  }

  /** Takes the content of a document; what `restore` leaves stays, and so do clocks and, where it brings none, credentials. */
  importState(world: World, document: ChosenSeed['document']): World {
    return this.#put(world.name, imported(world, document, this.#options), 'imported')
  }

  /**
   * Begins a world as a copy of what another holds, or held; its journal, faults and snapshots begin empty.
   *
   * @param others settings in place of the other's
   */
  fork(name: string, base: World, snapshot: Snapshot, others: Partial<WorldSettings>): World {
    this.#clear(name)
    return this.#replace(name, forked(name, base, snapshot, others, this.#options), 'forked')
  }

  /** Puts an archived world in the place of whatever bore the name; its clocks go on where they stood. */
  adopt(name: string, archive: WorldArchive): World {
    this.#clear(name)
    return this.#replace(name, adopted(name, archive, false, this.#options), 'adopted')
  }

  /** Drops a world, wherever it is; the default one stays. Says whether there was one. */
  remove(name: string): boolean {
    const wasKept = this.#clear(name)
    return (this.find(name) !== undefined && this.#named.leave(name, 'deleted')) || wasKept
  }

  /** Drops every world of a group, wherever it is; the default one stays. */
  removeGroup(group: string): void {
    for (const name of this.#named.namesIn(group)) this.remove(name)
  }

  /** Lets go of what nobody uses and of what was parked for too long, as happens now and then by itself. */
  sweep(): void {
    this.#named.dropIdle()
    this.tally.ended.expired += this.#options.parking?.prune() ?? 0
  }

  /** Tells of every exchange in the world of this name, whichever one that is at the time; returns what ends it. */
  watch(name: string, watcher: Parameters<Watchers['add']>[1]): () => void {
    const forget = this.watchers.add(name, watcher)
    return () => {
      forget()
      this.bearer(name)?.touch()
    }
  }

  /** Parks what may be parked and closes every store, of the default world last. Answers the names of those that are lost. */
  close(): string[] {
    this.#callOffSweep()
    this.#newcomer?.end()
    const lost = this.#named.end()
    this.#main.end()
    return lost
  }

  protected override coverages(): Coverage[] {
    return this.list().map(({ coverage }) => coverage)
  }

  get #usual(): Beginning {
    const { settings, seed } = this.#options
    return { own: {}, settings, seed }
  }

  #declare(name: string, beginning: Beginning): World {
    this.#clear(name)
    return this.#replace(name, anew(name, beginning, this.#options), 'declared')
  }

  /**
   * Leaves nothing parked of a name that is to be another's, or nobody's: what is parked is taken up, to end as any other world
   * does, and what cannot be taken up is forgotten. Says whether there was any such.
   */
  #clear(name: string): boolean {
    const { parking } = this.#options
    if (this.bearer(name) === undefined) parking?.take(name, (archive) => this.#takeUp(name, archive))
    return parking?.forget(name) === true
  }

  #takeUp(name: string, archive: WorldArchive): World {
    return this.#replace(name, adopted(name, archive, true, this.#options), 'unparked')
  }

  /** Begins a world, in the place of the one before. */
  #replace(name: string, making: Making, how: HowBegun): World {
    const before = this.bearer(name)
    const fresh = this.#make(name, making)
    this.took(fresh, before, how)
    return fresh
  }

  /** Lets a world go on with another state. */
  #put(name: string, making: Making, change: 'restored' | 'imported'): World {
    const before = this.bearer(name)
    const fresh = this.#make(name, making)
    restoredAfter(fresh)
    before?.close(fresh)
    this.observer?.replaced(fresh, change)
    return fresh
  }

  /** Makes a world whole before anybody can see it, then puts it where it belongs. */
  #make(name: string, { open, make }: Making): World {
    const before = this.bearer(name)
    const isUsed = this.#options.store.isFile && name === defaultName
    const store = isUsed ? this.#options.store : open()
    const fresh = makeOrClose(store, (own) => make(own, isUsed), store !== before?.store)
    if (name === defaultName) this.#main = fresh
    else this.#named.put(fresh)
    return fresh
  }
}
