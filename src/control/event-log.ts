import { randomBytes } from 'node:crypto'
import type { EventName, EventsQuery } from '../../schemas/inspector.ts'
import type { Entry } from '../journal/entry.ts'
import type { Journal } from '../journal/journal.ts'
import { summaryOf } from '../journal/summary.ts'
import { after, monotonicSeconds, soon } from '../process/real-time.ts'
import type { World } from '../world/world.ts'
import type { Worlds } from '../world/worlds.ts'
import type { WorldsObserver } from '../world/worlds-observer.ts'
import type { StreamedEvent } from './event-reader.ts'
import { EventReader } from './event-reader.ts'
import { clockView, snapshotViews } from './views.ts'

/** So many events are kept for those who come back. */
const mostEvents = 1000
/** Of a burst of requests, so many of the newest are told, and so many characters. */
const mostEntries = 50
const mostCharacters = 128 * 1024
/** How long a burst is gathered, and how often those are told who hear nothing. */
const gatherMillis = 100
const beatMillis = 15_000

/** Requests that were recorded and not told yet. */
interface Gathered {
  readonly world: string
  readonly journal: Journal
  ids: number[]
  skipped: number
  hasFault: boolean
}

/** Everything that happens in the worlds of an emulator, in one row: for streams, however many read them. */
export class EventLog implements WorldsObserver {
  /** Another one in every process. */
  readonly process = randomBytes(6).toString('hex')
  readonly version: string
  readonly #worlds: Worlds
  readonly #readers = new Set<EventReader>()
  readonly #gathered = new Map<Journal, Gathered>()
  readonly #wanted = new Map<string, number>()
  #events: StreamedEvent[] = []
  /** How many events there were before those that are kept. */
  #passed = 0
  #isDue = false
  #lastTold = 0
  #callOffBeat: (() => void) | undefined
  readonly #beatMillis: number

  constructor(worlds: Worlds, version: string, beat = beatMillis) {
    this.#worlds = worlds
    this.version = version
    this.#beatMillis = beat
    for (const world of worlds.list()) this.#follow(world)
    worlds.observer = this
  }

  begun(world: World, change: 'made' | 'reset' | 'forked' | 'adopted'): void {
    this.#follow(world)
    this.#noteWorld(world, change)
  }

  replaced(world: World, change: 'restored' | 'imported'): void {
    this.#noteChanges(world)
    this.#noteWorld(world, change)
  }

  ended({ name, journal: { generation } }: World, isParked: boolean): void {
    this.#note('world', name, () => ({ name, change: isParked ? 'parked' : 'dropped', generation }))
  }

  /** Tells how the clocks of a world stand now. */
  noteClock(world: World): void {
    const data = { world: world.name, ...clockView(world) }
    this.#note('clock', world.name, () => data)
  }

  noteFaults({ name }: World): void {
    this.#note('faults', name, this.#faultsOf(name))
  }

  noteSnapshots({ name }: World): void {
    this.#note('snapshots', name, () =>
      this.#ofWorld(name, (world) => ({ world: name, snapshots: snapshotViews(world) })),
    )
  }

  noteCleared({ name, journal: { generation } }: World, upTo?: number): void {
    this.#note('journal', name, () => ({ world: name, generation, cleared: true, upTo }))
  }

  /**
   * A stream of what happens from now on.
   *
   * @param lastId of the event that its reader had last; what came since is told first, or that it is not known any more
   */
  read({ world, changes = [] }: EventsQuery, lastId: string | undefined): EventReader {
    this.#seal()
    const reader = new EventReader(this, world && new Set(world), this.#placeAfter(lastId))
    if (lastId !== undefined && this.#placeAfter(lastId) === undefined) reader.tellGap()
    this.#readers.add(reader)
    const forget = changes.map((name) => this.#want(name))
    reader.stream.once('close', () => {
      this.#readers.delete(reader)
      for (const one of forget) one()
      if (this.#readers.size === 0) this.#callOffBeat?.()
    })
    if (this.#readers.size === 1) this.#beatLater()
    reader.pump()
    return reader
  }

  /** Of the first event that is kept, and of the one that comes next. */
  get first(): number {
    return this.#passed + 1
  }

  get next(): number {
    return this.#passed + this.#events.length + 1
  }

  at(number: number): StreamedEvent | undefined {
    return this.#events[number - this.first]
  }

  #placeAfter(lastId: string | undefined): number | undefined {
    if (lastId === undefined) return this.next
    const [process, number] = lastId.split('-')
    const place = Number(number) + 1
    return process === this.process && place >= this.first && place <= this.next ? place : undefined
  }

  #follow(world: World): void {
    this.#noteChanges(world)
    world.journal.watch((entry) => this.#gather(world, entry))
  }

  /** Lets what changes in a world be noted as long as somebody wants it, or the world itself. */
  #noteChanges({ settings, name, store }: World): void {
    if (settings.changes || this.#wanted.has(name)) store.rowChanges.start()
    else store.rowChanges.stop()
  }

  /** Somebody wants to know what requests change in the world of this name; returns what ends that. */
  #want(name: string): () => void {
    const turn = (by: number) => {
      const count = (this.#wanted.get(name) ?? 0) + by
      if (count > 0) this.#wanted.set(name, count)
      else this.#wanted.delete(name)
      this.#ofWorld(name, (world) => this.#noteChanges(world))
    }
    turn(1)
    const forget = this.#worlds.watch(name, () => undefined)
    return () => {
      forget()
      turn(-1)
    }
  }

  /** Of one that is in memory: to tell of a world that was just parked must not take it up again. */
  #ofWorld<Result>(name: string, work: (world: World) => Result): Result | undefined {
    const world = this.#worlds.bearer(name)
    return world && work(world)
  }

  #gather({ name, journal }: World, { id, fault }: Entry): void {
    const gathered = this.#gathered.get(journal) ?? { world: name, journal, ids: [], skipped: 0, hasFault: false }
    this.#gathered.set(journal, gathered)
    gathered.ids.push(id)
    if (fault !== null) gathered.hasFault = true
    if (gathered.ids.length > mostEntries) {
      gathered.ids.shift()
      gathered.skipped += 1
    }
    if (this.#readers.size > 0) this.#tellLater()
  }

  #tellLater(): void {
    if (this.#isDue) return
    this.#isDue = true
    const tell = () => {
      this.#isDue = false
      this.#lastTold = monotonicSeconds()
      this.#seal()
      this.#tell()
    }
    const patience = gatherMillis - (monotonicSeconds() - this.#lastTold) * 1000
    if (patience > 0) after(patience, tell)
    else soon(tell)
  }

  /** Makes events of what was gathered. */
  #seal(): void {
    const all = [...this.#gathered.values()]
    this.#gathered.clear()
    for (const gathered of all) {
      this.#add({ name: 'requests', world: gathered.world, dataOf: () => requestsOf(gathered) })
      const { world, hasFault } = gathered
      if (hasFault) this.#add({ name: 'faults', world, dataOf: this.#faultsOf(world) })
    }
  }

  #faultsOf(name: string): StreamedEvent['dataOf'] {
    return () => this.#ofWorld(name, ({ faults }) => ({ world: name, faults: faults.list() }))
  }

  #noteWorld({ name, journal: { generation } }: World, change: string): void {
    this.#note('world', name, () => ({ name, change, generation }))
  }

  #note(name: EventName, world: string, dataOf: StreamedEvent['dataOf']): void {
    this.#seal()
    this.#add({ name, world, dataOf })
    this.#tell()
  }

  #add(event: StreamedEvent): void {
    this.#events.push(event)
    if (this.#events.length <= mostEvents) return
    this.#events.shift()
    this.#passed += 1
  }

  #tell(): void {
    for (const reader of this.#readers) reader.pump()
  }

  #beatLater(): void {
    this.#callOffBeat = after(this.#beatMillis, () => {
      for (const reader of this.#readers) reader.beat()
      this.#beatLater()
    })
  }
}

/** What is still kept of requests that were gathered, the newest of it. */
function requestsOf({ world, journal, ids, skipped }: Gathered) {
  const entries: ReturnType<typeof summaryOf>[] = []
  let characters = 0
  for (const id of ids.toReversed()) {
    const entry = journal.find(id)
    if (entry === undefined) continue
    const summary = summaryOf(entry)
    characters += summary.path.length + JSON.stringify(summary.sent).length
    if (characters > mostCharacters && entries.length > 0) break
    entries.unshift(summary)
  }
  const { generation, dropped } = journal
  return { world, generation, entries, skipped: skipped + ids.length - entries.length, dropped }
}
