import type { IdPosition } from '../store/origin.ts'
import type { NewId } from '../store/snowflake.ts'
import { epochMillis, idsPerMillisecond, millisOf, parseId, snowflake } from '../store/snowflake.ts'

/** Where a new world's ids begin: before the first millisecond that the state clock can show. */
export const noIdsYet: IdPosition = { lastMillis: epochMillis - 1, lastSequence: 0 }

export type IdSequence = ReturnType<typeof createIdSequence>

/**
 * The snowflakes of one world (COM-10, DEC-31): they never repeat and never go back, whatever the clock does.
 *
 * @param passedOver what is not issued though it lies ahead
 */
export function createIdSequence(
  worker: number,
  { lastMillis, lastSequence }: IdPosition,
  passedOver: Iterable<bigint> = [],
) {
  let position: IdPosition = { lastMillis, lastSequence }
  const reserved = new Set(passedOver)
  const idAt = ({ lastMillis, lastSequence }: IdPosition) => snowflake(lastMillis, worker, lastSequence)
  const following = (now: number): IdPosition => {
    let next = stepFrom(position, now)
    while (reserved.size > 0 && reserved.has(idAt(next))) next = stepFrom(next, now)
    return next
  }
  return {
    /** The id that a thing made at `now` (Unix milliseconds) would get; it is used up only by `take`. */
    next(now: number): NewId {
      const next = following(now)
      return { id: idAt(next), millis: next.lastMillis }
    },
    /** Uses up the id that `next` answered. */
    take({ millis }: NewId): void {
      position = following(millis)
    },
    /** Passes over an id that a state document brought along from a time to come. */
    reserve(id: bigint): void {
      reserved.add(id)
    },
    reserved: (): Iterable<bigint> => reserved,
    /**
     * When the thing with this id was made, as far as the id tells: not for ids that have not the 19 digits of COM-9, nor
     * for ones of the future.
     */
    birthOf(text: string, now: number): number | undefined {
      const id = text.length === 19 ? parseId(text) : undefined
      const millis = id === undefined ? now : millisOf(id)
      return millis < now ? millis : undefined
    },
    /** An instant, or that of an issued id where it is later: nothing ends before it began. */
    notBefore: (id: string, instant: number): number => Math.max(instant, millisOf(BigInt(id))),
    hasIssued: (): boolean => position.lastMillis >= epochMillis,
    /** Goes on from a position that another sequence reached, unless this one is further. */
    reach(to: IdPosition): void {
      if (isBefore(position, to)) position = to
    },
    position: (): IdPosition => position,
    /** The id at the position. */
    last: (): bigint => idAt(position),
    /** Goes back to a position that `position` answered, after the work that moved it was undone. */
    rewind(to: IdPosition): void {
      position = to
    },
  }
}

function stepFrom({ lastMillis, lastSequence }: IdPosition, now: number): IdPosition {
  if (now > lastMillis) return { lastMillis: now, lastSequence: 0 }
  return lastSequence + 1 < idsPerMillisecond
    ? { lastMillis, lastSequence: lastSequence + 1 }
    : { lastMillis: lastMillis + 1, lastSequence: 0 }
}

const isBefore = (one: IdPosition, other: IdPosition): boolean =>
  one.lastMillis < other.lastMillis || (one.lastMillis === other.lastMillis && one.lastSequence < other.lastSequence)
