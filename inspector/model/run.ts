import type { Summary } from '../../schemas/journal.ts'
import { lockLife, renewalDue } from './clocks.ts'
import { movedBetween } from './exchanges.ts'
import type { Spacing } from './lanes.ts'
import { Scale, withRoom } from './lanes.ts'
import type { HeldLock } from './locks.ts'
import { signed } from './wording.ts'

/** A bar from 0 to 1, with what stands on it. */
export interface LockBar {
  readonly from: number
  readonly to: number
  /** Where it was taken or renewed, and where it ought to have been renewed. */
  readonly begun: readonly number[]
  readonly due: readonly number[]
  readonly end: 'expired' | 'released' | 'undone' | 'held'
}

export interface Lane {
  readonly key: string
  readonly moduleCode: string
  readonly userId: string
  readonly bars: readonly LockBar[]
}

interface Placed {
  readonly x: number
  readonly text: string
}

/** A run of a client as lanes: locks, requests, faults, and where the clock was moved. All places are from 0 to 1. */
export interface Run {
  readonly lanes: readonly Lane[]
  readonly requests: readonly { readonly x: number; readonly summary: Summary }[]
  readonly moves: readonly Placed[]
  readonly times: readonly Placed[]
  /** Where the state clock stands; `null` in a view that is not by it. */
  readonly now: number
}

interface Asked {
  /** Those that are shown. */
  readonly exchanges: readonly Summary[]
  /** Of all exchanges: one that is not shown may have released a lock. */
  readonly locks: readonly HeldLock[]
  /** What the state clock shows, in Unix milliseconds; `undefined` where that is not known. */
  readonly now: number | undefined
  readonly spacing: Spacing | 'wall'
  /** How much room a label takes, of the whole line. */
  readonly labelRoom: number
}

/** Lays a run out. */
export function runOf({ exchanges, locks, now, spacing, labelRoom }: Asked): Run {
  const instantOf = (summary: Summary) => Date.parse(spacing === 'wall' ? summary.wallTime : summary.time)
  const isByWall = spacing === 'wall'
  const known = exchanges.map(instantOf)
  const present = now ?? known.at(-1) ?? 0
  const scale = new Scale(isByWall ? known : [...known, present], isByWall ? 'folded' : spacing)
  const earliest = Math.min(...known)
  const seen = isByWall ? [] : locks.filter(({ end }) => end >= earliest)
  const requests = exchanges.map((summary) => ({ x: scale.place(instantOf(summary)), summary }))
  const moves = movesOf(requests)
  const starts = requests.filter(({ summary }, index) => index === 0 || moves.some(({ id }) => id === summary.id))
  const times = [...starts, ...requests.slice(-1)].map(({ x, summary }) => ({
    x,
    text: (isByWall ? summary.wallTime : summary.time).slice(11, 19),
  }))
  return {
    lanes: lanesOf(seen, scale, present),
    requests,
    moves,
    times: withRoom([...moves.map(({ x }) => ({ x, text: '' })), ...times], () => labelRoom).filter(({ text }) => text),
    now: isByWall ? 1 : scale.place(present),
  }
}

function movesOf(requests: Run['requests']): (Placed & { readonly id: number })[] {
  return requests.slice(1).flatMap((request, index) => {
    const before = requests[index] as Run['requests'][number] // the one that was sliced off, or behind it
    const by = movedBetween(before.summary, request.summary)
    return by === 0 ? [] : [{ id: request.summary.id, x: (before.x + request.x) / 2, text: signed(by) }]
  })
}

function lanesOf(locks: readonly HeldLock[], scale: Scale, present: number): Lane[] {
  const lanes = new Map<string, Lane>()
  for (const lock of locks) {
    const { moduleCode, userId } = lock
    const key = `${userId} ${moduleCode}`
    const lane = lanes.get(key) ?? { key, moduleCode, userId, bars: [] }
    lanes.set(key, { ...lane, bars: [...lane.bars, barOf(lock, scale, present)] })
  }
  return [...lanes.values()]
}

function barOf({ begun, end, over }: HeldLock, scale: Scale, present: number): LockBar {
  const places = begun.map(({ at }) => scale.place(at))
  const until = over === null ? Math.min(end, present) : end
  const due = begun
    .map(({ at }, index) => ({ at: at + lockLife * renewalDue, next: begun[index + 1]?.at ?? end }))
    .filter(({ at, next }) => at <= next && at <= until)
  return {
    from: Number(places[0]),
    to: scale.place(until),
    begun: places,
    due: due.map(({ at }) => scale.place(at)),
    end: over ?? (end <= present ? 'expired' : 'held'),
  }
}
