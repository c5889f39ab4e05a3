import { epochMillis, lastMillis } from '../store/snowflake.ts'

/** How the two clocks of a world stand (DEC-30); instants and spans in milliseconds. */
export interface ClockState {
  /** Where the state clock stands still; `null` while it runs. */
  readonly frozenAt: number | null
  /** How far the state clock is ahead of the wall clock while it runs. */
  readonly offset: number
  /** How far the signing clock is ahead of the clock it follows. */
  readonly skew: number
  /** Which clock the signing clock follows. */
  readonly signing: 'wall' | 'state'
}

/** What a clock is told; applied in this order, whole or not at all. */
export interface ClockChange {
  readonly frozen?: boolean | undefined
  readonly now?: number | undefined
  readonly advance?: number | undefined
  readonly skew?: number | undefined
  readonly signing?: 'wall' | 'state' | undefined
}

export const untouched: ClockState = { frozenAt: null, offset: 0, skew: 0, signing: 'wall' }

export type Clock = ReturnType<typeof createClock>

/** The two clocks of a world (DEC-30), in Unix milliseconds, over the wall clock. */
export function createClock(wallClock: () => number, start: ClockState = untouched) {
  let state = start
  let moved = 0
  const stateNow = (): number => instantOf(state, wallClock())
  return {
    /** Ages locks and tokens, and dates what is made. */
    stateNow,
    /** Judges `X-Date` and fills the `Date` header. */
    signingNow: (): number => (state.signing === 'wall' ? wallClock() : stateNow()) + state.skew,
    wallNow: wallClock,
    state: (): ClockState => state,
    /** The state that makes the clock go on, from now, where it stood at `instant`. */
    resumedAt: (from: ClockState, instant: number): ClockState =>
      from.frozenAt === null ? { ...from, offset: instant - wallClock() } : { ...from, frozenAt: instant },
    /** The state after a change; `undefined` where the state clock would leave the range of ids (DEC-31). */
    after(change: ClockChange): ClockState | undefined {
      const wall = wallClock()
      const instant = (change.now ?? instantOf(state, wall)) + (change.advance ?? 0)
      if (instant < epochMillis || instant > lastMillis) return undefined
      const frozen = change.frozen ?? state.frozenAt !== null
      const { skew = state.skew, signing = state.signing } = change
      return { frozenAt: frozen ? instant : null, offset: frozen ? 0 : instant - wall, skew, signing }
    },
    set(to: ClockState): void {
      const before = stateNow()
      state = to
      moved += stateNow() - before
    },
    /** By how much the state clock was set forward in all, in milliseconds. */
    moved: (): number => moved,
    /** Goes on from what was counted before. */
    countFrom(sum: number): void {
      moved = sum
    },
  }
}

/** A clock stops at the last instant, a frozen one that was kept from before there was one, too. */
const instantOf = ({ frozenAt, offset }: ClockState, wall: number): number =>
  Math.min(frozenAt ?? wall + offset, lastMillis)
