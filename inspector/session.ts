import { computed, signal } from '@preact/signals'
import type { WorldView } from '../schemas/control.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import type { CatalogueView, EventData, EventName } from '../schemas/inspector.ts'
import type { FaultView, Review, SnapshotView } from './api.ts'
import { api } from './api.ts'
import type { ClockReading } from './model/clocks.ts'
import { Exchanges } from './model/exchanges.ts'
import { locksIn } from './model/locks.ts'
import { announceRows } from './parts/announce.tsx'
import { place } from './place.ts'
import type { Told, Wish } from './stream.ts'
import { watchEmulator } from './watching.ts'

/** How the page stands with the emulator. */
export const connection = signal<Exclude<Told, { kind: 'event' }> | { readonly kind: 'beginning' }>({
  kind: 'beginning',
})
/** Which process answers, and whether it is another than the one that the page began with. */
export const server = signal<EventData<'hello'> | null>(null)
export const isAnother = signal(false)

export const catalogue = signal<CatalogueView | null>(null)
export const worlds = signal<readonly WorldView[]>([])
/** The world that is looked at; `null` where there is none of the name. */
export const world = signal<WorldView | null>(null)
/** Whether its journal was read at least once. */
export const isLoaded = signal(false)

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

let send: (wish: Wish) => void = () => undefined

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
    void enter()
  })
}

export const retry = (): void => send({ kind: 'retry' })

/** Whatever a world is asked for may come when another one is looked at. */
async function take<Answer>(asked: Promise<Answer>, keep: (answer: Answer) => void): Promise<void> {
  const { world: name } = place.peek()
  const answer = await asked.catch(() => undefined)
  if (answer !== undefined && place.peek().world === name) keep(answer)
}

/** Reads all there is of the world that the address names. */
async function enter(): Promise<void> {
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
  await refresh()
}

async function refresh(): Promise<void> {
  const { world: name } = place.peek()
  void take(api.catalogue(), (answer) => (catalogue.value = answer))
  await readWorlds()
  if (place.peek().world !== name) return
  world.value = worlds.peek().find((one) => one.name === name) ?? null
  if (world.peek() === null) {
    isLoaded.value = true
    return
  }
  void take(api.clock(name), (view) => (clock.value = { view, readAt: performance.now() }))
  void take(api.faults(name), (answer) => (faults.value = answer.faults))
  void take(api.snapshots(name), (answer) => (snapshots.value = answer.snapshots))
  readJudgements(name)
  await readJournal()
}

/** What is made of all exchanges of a world: the review, and while somebody looks at it, the coverage. */
function readJudgements(name: string): void {
  void take(api.review(name), (answer) => (review.value = answer))
  if (place.peek().view === 'coverage') void readCoverage()
}

export const readCoverage = (): Promise<void> =>
  take(api.coverage(place.peek().world), (answer) => (coverage.value = answer))

/** Also asked for when somebody opens a list of them, for their counts change with every request. */
export const readWorlds = (): Promise<void> => take(api.worlds(), (answer) => (worlds.value = answer.worlds))

/** @param after the newest exchange that is known */
async function readJournal(after = 0): Promise<void> {
  const { generation = 0 } = world.peek() ?? {}
  await take(api.summaries(place.peek().world, `after=${after}`), (answer) => {
    exchanges.add(generation, answer.requests)
    exchanges.dropped = answer.dropped
    exchanges.restorations = answer.restorations
    isLoaded.value = true
    touch()
  })
}

function hear(told: Told): void {
  if (told.kind !== 'event') {
    const was = connection.peek().kind
    connection.value = told
    if (was === 'lost' && told.kind === 'live') void refresh()
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
    void enter()
  },
  requests(data) {
    later()
    if (!isHere(data.world)) return
    const { lastId } = exchanges
    const count = exchanges.add(data.generation, data.entries)
    exchanges.dropped = data.dropped
    if (data.skipped > 0) void readJournal(lastId)
    announceRows(count + data.skipped)
    touch()
  },
  world({ name, change }) {
    if (!isHere(name)) {
      void readWorlds()
      return
    }
    if (change === 'made' || change === 'restored' || change === 'imported') void refresh()
    else void enter()
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
  journal({ world: name }) {
    if (!isHere(name)) return
    exchanges.clear()
    exchanges.dropped = 0
    touch()
    later()
  },
  gap({ world: name }) {
    if (isHere(name)) void refresh()
  },
}

let _timer: ReturnType<typeof setTimeout> | undefined

/** What is counted and judged of all exchanges is asked for once a second at most, while they come. */
function later(): void {
  _timer ??= setTimeout(() => {
    _timer = undefined
    const { world: name } = place.peek()
    void take(api.world(name), (answer) => (world.value = answer))
    readJudgements(name)
  }, 1000)
}
