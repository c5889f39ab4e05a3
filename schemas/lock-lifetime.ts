/** LOC-1, LOC-2: ten minutes, at the end of which a lock is gone (DEC-25). */
export const lockMillis = 10 * 60 * 1000
