import type { IdPosition } from '../store/origin.ts'
import type { IssuedId } from '../store/snowflake.ts'
import { epochMillis, idsPerMillisecond, millisOf, parseId, snowflake } from '../store/snowflake.ts'

/** Where a new world's ids begin: before the first millisecond that the state clock can show. */
export const noIdsYet: IdPosition = { lastMillis: epochMillis - 1, lastSequence: 0 }

export type IdSequence = ReturnType<typeof createIdSequence>

/** The snowflakes of one world (COM-10, DEC-31): they never repeat and never go back, whatever the clock does. */
export function createIdSequence(worker: number, { lastMillis, lastSequence }: IdPosition) {
  let position: IdPosition = { lastMillis, lastSequence }
  const following = (now: number): IdPosition => {
    if (now > position.lastMillis) return { lastMillis: now, lastSequence: 0 }
    const lastSequence = position.lastSequence + 1
    return lastSequence < idsPerMillisecond
      ? { lastMillis: position.lastMillis, lastSequence }
      : { lastMillis: position.lastMillis + 1, lastSequence: 0 }
  }
  return {
    /** The id that a thing made at `now` (Unix milliseconds) would get; it is used up only by `take`. */
    next(now: number): IssuedId {
      const { lastMillis, lastSequence } = following(now)
      return { id: snowflake(lastMillis, worker, lastSequence), millis: lastMillis }
    },
    /** Uses up the id that `next` answered. */
    take({ millis }: IssuedId): void {
      position = following(millis)
    },
    /** When the thing with this id was made, as far as the id tells: not for other ids, nor for ones of the future. */
    birthOf(text: string, now: number): number | undefined {
      const id = parseId(text)
      const millis = id === undefined ? now : millisOf(id)
      return millis < now ? millis : undefined
    },
    hasIssued: (): boolean => position.lastMillis >= epochMillis,
    /** Goes on from a position that another sequence reached, unless this one is further. */
    reach(to: IdPosition): void {
      if (isBefore(position, to)) position = to
    },
    position: (): IdPosition => position,
    /** Goes back to a position that `position` answered, after the work that moved it was undone. */
    rewind(to: IdPosition): void {
      position = to
    },
  }
}

const isBefore = (one: IdPosition, other: IdPosition): boolean =>
  one.lastMillis < other.lastMillis || (one.lastMillis === other.lastMillis && one.lastSequence < other.lastSequence)
