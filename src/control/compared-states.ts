import type { Change } from '../../schemas/change.ts'
import type { Things } from '../world/changes.ts'
import { difference, takeBack, thingsIn, thingsTouched } from '../world/changes.ts'
import type { Snapshot, World } from '../world/world.ts'
import { entryOf } from './exchange-view.ts'
import { Problem } from './problem.ts'
import { present, snapshotOf } from './snapshots.ts'

/** A state: what is there now or was there when a snapshot was taken, and what of it is to be taken back, oldest first. */
interface Point {
  readonly base: Snapshot | typeof present
  readonly toTakeBack: readonly Change[]
}

/** Everything that is stored in a world. */
export const thingsOf = ({ store: { rowChanges, devices, parts } }: World): Things =>
  thingsIn(rowChanges.all(), { device: devices.ownerOf, file: (fileId) => parts.ownerOf(BigInt(fileId)) })

/**
 * What became of one state of a world to be another.
 *
 * @param from `now`, a label, or `request:8` for the state before that request
 * @param look reads what a snapshot holds
 * @throws Problem 404, 409 where what was before a request is not known
 */
export function compareStates(world: World, from: string, to: string, look: (snapshot: Snapshot) => Things): Change[] {
  const [first, second] = [pointOf(world, from), pointOf(world, to)]
  const touched = [...first.toTakeBack, ...second.toTakeBack]
  const isAlike = first.base === second.base
  // Of one state and what came after it, only what was touched can differ.
  const read = (base: Point['base']) =>
    isAlike ? thingsTouched(touched) : base === present ? thingsOf(world) : look(base)
  const stateAt = ({ base, toTakeBack }: Point) => takeBack(read(base), toTakeBack)
  return difference(stateAt(first), stateAt(second))
}

function pointOf(world: World, text: string): Point {
  const [, id] = /^request:(\d+)$/.exec(text) ?? []
  if (id !== undefined) return { base: present, toTakeBack: changesSince(world, Number(id)) }
  return { base: text === present ? present : snapshotOf(world, text), toTakeBack: [] }
}

/** What was changed by a request and after it, in the order in which it was. */
function changesSince(world: World, id: number): Change[] {
  const { journal, notes } = world
  const { workBefore } = entryOf(world, id)
  if (Math.max(notes.lastUnknown, journal.lastGone) > workBefore)
    throw new Problem(409, whyUnknown(world, id, workBefore))
  const done = [
    ...journal.entries.map((entry) => ({ order: entry.workBefore + 1, changes: entry.changes })),
    ...notes.pending,
  ]
  return done
    .filter(({ order }) => order > workBefore)
    .sort((one, other) => one.order - other.order)
    .flatMap(({ changes }) => changes ?? [])
}

function whyUnknown({ journal, notes }: World, id: number, workBefore: number): string {
  const unknown = journal.entries.find(
    (entry) =>
      entry.workBefore >= workBefore && (entry.changesOmitted > 0 || (entry.changes === null && entry.rowsWritten > 0)),
  )
  const cause =
    unknown === undefined
      ? notes.lastRestored > workBefore
        ? 'the world was put back to another state since then'
        : 'not all that was done since then is kept'
      : unknown.changesOmitted > 0
        ? `the request ${unknown.id} changed more than is kept`
        : `what the request ${unknown.id} changed was not noted; begin the world with changes: true, or watch it`
  return `what was before the request ${id} is not known: ${cause}`
}
