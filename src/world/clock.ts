/** The two clocks of a world (DEC-30), in Unix milliseconds. */
export interface Clock {
  /** Ages locks and tokens, and dates what is made. */
  stateNow(): number
  /** Judges `X-Date` and fills the `Date` header. */
  signingNow(): number
}

/** Both clocks show the wall clock. */
export const createClock = (wallClock: () => number): Clock => ({ stateNow: wallClock, signingNow: wallClock })
