/** Rows are all of one height, so that which of them are in view is arithmetic. In CSS pixels. */
export const rowHeight = 32

/** So many more are made above and below, for a scroll that is faster than the next frame. */
const spare = 8

export interface RowsInView {
  /** The first row that is made, and the one after the last. */
  readonly first: number
  readonly end: number
}

/** Which of `count` rows a viewport of `height` at `top` has to show. */
export function rowsInView(count: number, top: number, height: number): RowsInView {
  const first = Math.max(0, Math.min(count, Math.floor(top / rowHeight) - spare))
  const end = Math.min(count, Math.ceil((Math.max(0, top) + height) / rowHeight) + spare)
  return { first: Math.min(first, end), end }
}

/** The row after the last of which at least half is in view. */
export const endOfView = (top: number, height: number): number => Math.round((top + height) / rowHeight)

/** Where to scroll so that a row is wholly in view, from where it is now; the same where it is. */
export function topToShow(row: number, top: number, height: number): number {
  if (row * rowHeight < top) return row * rowHeight
  return Math.max(top, (row + 1) * rowHeight - height)
}
