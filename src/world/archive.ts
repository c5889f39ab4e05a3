import type { CoverageState } from '../coverage/coverage.ts'
import { Coverage } from '../coverage/coverage.ts'
import type { JournalBudget, JournalState } from '../journal/journal.ts'
import { Journal } from '../journal/journal.ts'
import type { Image } from '../store/image.ts'
import { openImage } from '../store/image.ts'
import { createStore } from '../store/store.ts'
import type { NotedWork } from './change-notes.ts'
import { ChangeNotes } from './change-notes.ts'
import type { ClockState } from './clock.ts'
import type { FaultsState } from './faults.ts'
import { Faults } from './faults.ts'
import type { RandomState } from './random.ts'
import { createRandom } from './random.ts'
import { unkindnessOf } from './unkindness.ts'
import type { ControlState, Snapshot, World } from './world.ts'
import type { WorldSettings } from './world-settings.ts'

/** Everything that a world is, as plain data and images: with it, another process goes on where this one stands. */
export interface WorldArchive {
  /** What the world was called, when it was archived. */
  readonly name: string
  /** By the wall clock, as is `createdAt`. */
  readonly archivedAt: number
  readonly createdAt: number
  readonly settings: WorldSettings
  readonly clock: ClockState
  /** What the state clock showed. */
  readonly instant: number
  /** Rows, the seed, the positions of ids and of the generator. */
  readonly image: Image
  readonly snapshots: readonly (readonly [label: string, snapshot: Snapshot])[]
  readonly faults: FaultsState
  readonly journal: JournalState
  /** Where the generator of what is unkind stands; `null` in a world that is not. */
  readonly unkindness: RandomState | null
  /** What was met of the contract. */
  readonly coverage: CoverageState
  /** How far the notes of what requests changed have come. */
  readonly works: NotedWork
}

export function archiveOf(world: World): WorldArchive {
  const { name, createdAt, settings, snapshots, faults, journal, unkindness, coverage, notes } = world
  const { image, clock, instant, takenAt } = world.snapshot()
  const { order, lastUnknown } = notes.state()
  return {
    name,
    archivedAt: takenAt,
    createdAt,
    settings,
    clock,
    instant,
    image,
    snapshots: [...snapshots],
    faults: faults.state(),
    journal: journal.state(),
    unkindness: unkindness?.random.state() ?? null,
    coverage: coverage.state(),
    works: { order, lastUnknown: Math.max(lastUnknown, journal.lastGone) },
  }
}

/** The seed that an archived world was begun with; of what kind, is for whoever plants it to judge. */
export function seedIn({ image }: Pick<WorldArchive, 'image'>): unknown {
  const store = createStore(openImage(image))
  try {
    return JSON.parse(store.origin.planted().seed)
  } finally {
    store.close()
  }
}

/** What acts on an archived world and looks at it from outside, brought back. */
export const controlStateIn = (archive: WorldArchive, journals: JournalBudget): ControlState => ({
  snapshots: new Map(archive.snapshots),
  faults: new Faults(createRandom(archive.faults.random), archive.faults),
  journal: new Journal(journals, { ...archive.journal, entries: ofAnotherProcess(archive.journal.entries) }),
  unkindness: unkindnessIn(archive),
  coverage: new Coverage().includeState(archive.coverage),
  notes: new ChangeNotes(archive.works),
})

function unkindnessIn({ settings: { unkind }, unkindness }: WorldArchive): ControlState['unkindness'] {
  if (unkind === null) return null
  const own = unkindnessOf(unkind)
  return unkindness === null ? own : { ...own, random: createRandom(unkindness) }
}

/**
 * Connections are counted by each process for itself; those of another one are numbered below zero, so that no two are taken for
 * one. So are moves of the clock: this process begins where the newest entry stands.
 */
function ofAnotherProcess(entries: JournalState['entries']): JournalState['entries'] {
  const lowest = entries.reduce((least, { connection }) => Math.min(least, connection), 0)
  const moved = entries.at(-1)?.clockMoved ?? 0
  return entries.map((entry) => ({
    ...entry,
    clockMoved: entry.clockMoved - moved,
    connection: entry.connection > 0 ? lowest - entry.connection : entry.connection,
  }))
}
