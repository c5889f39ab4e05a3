import { computed, signal } from '@preact/signals'
import type { WorldView } from '../schemas/control.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import type { CatalogueView, EventData, EventName } from '../schemas/inspector.ts'
import type { SummaryList } from '../schemas/journal.ts'
import type { FaultView, Review, SnapshotView } from './api.ts'
import { api } from './api.ts'
import { beginVisit, connection, take } from './asking.ts'
import type { ClockReading } from './model/clocks.ts'
import { Exchanges } from './model/exchanges.ts'
import { latest } from './model/latest.ts'
import { locksIn } from './model/locks.ts'
import { announceRows } from './parts/announce.tsx'
import { place } from './place.ts'
import type { Told, Wish } from './stream.ts'
import { watchEmulator } from './watching.ts'

/** Which process answers, and whether it is another than the one that the page began with. */
export const server = signal<EventData<'hello'> | null>(null)
export const isAnother = signal(false)

export const catalogue = signal<CatalogueView | null>(null)
export const worlds = signal<readonly WorldView[]>([])
/** How many there are beside these, in the folder of `--park`. */
export const parked = signal(0)
/** The world that is looked at; `null` where there is none of the name. */
export const world = signal<WorldView | null>(null)
/** Whether its journal was read at least once. */
export const isLoaded = signal(false)

/** Why there is nothing to be seen of a world that is not there; nothing where it is, or is not known yet. */
export const whyNothing = computed(() =>
  isLoaded.value && world.value === null ? 'This world is made by its first call.' : undefined,
)

export const exchanges = new Exchanges()
const revision = signal(0)
/** The exchanges that are shown; of a view that is paused, those that were there then. */
export const shown = computed(() => current().shown)
export const all = computed(() => current().all)
export const waiting = computed(() => current().waiting)
export const isPaused = computed(() => current().isPaused)
export const dropped = computed(() => current().dropped)
export const restorations = computed(() => current().restorations)
/** Locks as exchanges show them; the state says which live now. */
export const heldLocks = computed(() => locksIn(all.value, restorations.value))

/** The exchanges as they are now; whoever asks is told when they are others. */
function current(): Exchanges {
  void revision.value
  return exchanges
}

export const clock = signal<ClockReading | null>(null)
export const faults = signal<readonly FaultView[]>([])
export const snapshots = signal<readonly SnapshotView[]>([])
export const review = signal<Review | null>(null)
export const coverage = signal<CoverageView | null>(null)

/** Counts up whenever what the world stores may be another than before. */
export const stored = signal(0)

/** Counts up whenever the emulator is back: what could not be answered meanwhile is asked again. */
export const returns = signal(0)

let send: (wish: Wish) => void = () => undefined

/** Whether an exchange is among those that the page has heard of. */
export const isKnown = (id: number | null): boolean => all.value.some((summary) => summary.id === id)

export const touch = (): void => {
  revision.value += 1
}

/** Begins to watch, and follows the address to other worlds. */
export function begin(): void {
  send = watchEmulator(hear)
  let name = ''
  place.subscribe(({ world: next }) => {
    if (next === name) return
    name = next
    send({ kind: 'watch', world: name })
    enter()
  })
}

export const retry = (): void => send({ kind: 'retry' })

/** Reads all there is of the world that the address names. */
function enter(): void {
  beginVisit()
  forget()
  refresh()
}

/** Shows nothing of the world. */
function forget(): void {
  exchanges.generation = null
  exchanges.clear()
  exchanges.resume()
  isLoaded.value = false
  world.value = null
  clock.value = null
  faults.value = []
  snapshots.value = []
  review.value = null
  coverage.value = null
  touch()
}

type WorldsAnswer = Awaited<ReturnType<typeof api.worlds>>

const beginRefresh = latest()

/** Reads again whatever may be another, and keeps what is shown until then. */
function refresh(): void {
  stored.value += 1
  void take(api.catalogue, (answer) => (catalogue.value = answer))
  const isOfUse = beginRefresh()
  const keep = (answer: WorldsAnswer) => {
    keepWorlds(answer)
    if (!isOfUse()) return
    readWorld()
    // It may be among those that are parked; to look at it takes it up.
    if (world.value === null && answer.parked) void take(api.world, refresh)
  }
  void take(api.worlds, keep, true)
}

/** Reads what the list of worlds does not say. */
function readWorld(): void {
  const view = worlds.peek().find(({ name }) => name === place.peek().world) ?? null
  world.value = view
  if (view === null) {
    forget()
    isLoaded.value = true
    return
  }
  void take(api.clock, (answer) => (clock.value = { view: answer, readAt: performance.now() }))
  void take(api.faults, (answer) => (faults.value = answer.faults))
  void take(api.snapshots, (answer) => (snapshots.value = answer.snapshots))
  readJudgements()
  readJournal(view.generation)
}

/** What is made of all exchanges of a world: the review, and while somebody looks at it, the coverage. */
function readJudgements(): void {
  void take(api.review, (answer) => (review.value = answer))
  if (place.peek().view === 'coverage') readCoverage()
}

export const readCoverage = (): void => void take(api.coverage, (answer) => (coverage.value = answer))

const keepWorlds = (answer: WorldsAnswer): void => {
  worlds.value = answer.worlds
  parked.value = answer.parked ?? 0
}

/** Also asked for when somebody opens a list of them, for their counts change with every request. */
export const readWorlds = (): void => void take(api.worlds, keepWorlds)

/** @param after the newest exchange that is known; 0 where all are read, for whatever may have been missed */
function readJournal(generation: number, after = 0): void {
  const known = after === 0 ? exchanges.lastId : 0
  const keep = (answer: SummaryList) => {
    exchanges.read(generation, answer, known)
    isLoaded.value = true
    touch()
  }
  void take((name) => api.summaries(name, `after=${after}`), keep, true)
}

function hear(told: Told): void {
  if (told.kind !== 'event') {
    const was = connection.peek().kind
    connection.value = told
    if (told.kind !== 'live' || was === 'live') return
    if (was === 'lost') returns.value += 1
    refresh()
    return
  }
  const { name, data } = told
  const handle = handlers[name as EventName] as ((data: unknown) => void) | undefined // each takes its own event
  handle?.(data)
}

const isHere = (name: string | null): boolean => name === null || name === place.peek().world

const handlers: { readonly [Name in EventName]: (data: EventData<Name>) => void } = {
  hello(data) {
    const before = server.peek()
    server.value = data
    if (before === null || before.process === data.process) return
    isAnother.value = true
    enter()
  },
  requests(data) {
    later()
    if (!isHere(data.world)) return
    const { generation, entries, skipped } = data
    const lastId = generation === exchanges.generation ? exchanges.lastId : 0
    const count = exchanges.add(generation, entries)
    exchanges.dropped = data.dropped
    if (skipped > 0) readJournal(generation, lastId)
    if (skipped > 0 || entries.some(({ rowsWritten }) => rowsWritten > 0)) stored.value += 1
    announceRows(count + skipped)
    touch()
  },
  world({ name, change }) {
    // What was seen of one that is parked stays.
    if (!isHere(name) || change === 'parked') {
      readWorlds()
      return
    }
    if (change === 'made' || change === 'restored' || change === 'imported') refresh()
    else enter()
  },
  clock({ world: name, ...view }) {
    if (isHere(name)) clock.value = { view, readAt: performance.now() }
  },
  faults({ world: name, ...answer }) {
    if (isHere(name)) faults.value = answer.faults
  },
  snapshots({ world: name, ...answer }) {
    if (isHere(name)) snapshots.value = answer.snapshots
  },
  journal({ world: name, upTo }) {
    if (!isHere(name)) return
    exchanges.clear(upTo)
    exchanges.dropped = 0
    touch()
    later()
  },
  gap({ world: name }) {
    if (isHere(name)) refresh()
  },
}

let _timer: ReturnType<typeof setTimeout> | undefined

/** What is counted and judged of all exchanges is asked for once a second at most, while they come. */
function later(): void {
  _timer ??= setTimeout(() => {
    _timer = undefined
    void take(api.world, (answer) => (world.value = answer))
    readJudgements()
  }, 1000)
}
