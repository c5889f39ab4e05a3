/** UPL-3: every part but the last has at least as many bytes. */
export const smallestPart = 5_242_880
/** UPL-3. */
export const largestPart = 5_368_709_120
/** UPL-3: of parts; they are numbered from 1. */
export const lastNumber = 10_000
/** UPL-5: how long a link lives. */
export const linkSeconds = 3600
/** FIL-1: in UTF-16 units. */
export const longestFileName = 250

/** A whole number as people read it: `5,242,880`. The first use of a locale would take a tenth of the start. */
export const inWords = (number: number): string => String(number).replace(/\B(?=(?:\d{3})+$)/g, ',')
