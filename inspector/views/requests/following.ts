import { signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Row } from '../../model/exchanges.ts'
import { endOfView, rowHeight } from '../../model/rows-in-view.ts'
import { place } from '../../place.ts'

export const headHeight = 30

/** The exchange of a row; `null` of a row that is none. */
export const idOf = (row: Row | undefined): number | null => (row?.kind === 'exchange' ? row.summary.id : null)

const firstIdIn = (rows: readonly Row[]): number | null => idOf(rows.find(({ kind }) => kind === 'exchange'))
const lastIdIn = (rows: readonly Row[]): number => idOf(rows.findLast(({ kind }) => kind === 'exchange')) ?? 0

/** Whether new rows are followed. */
const isFollowing = signal(true)

interface Following {
  /** What is in view, without the heads, in CSS pixels. */
  readonly view: { readonly top: number; readonly height: number }
  /** How many exchanges came since nobody follows, and were not in view. */
  readonly below: number
  look(): void
  follow(): void
}

/** Follows the tail of a list until somebody scrolls up, and then keeps the place whatever comes and goes. */
export function useFollowing(list: RefObject<HTMLElement | null>, rows: readonly Row[]): Following {
  const [view, setView] = useState({ top: 0, height: 600 })
  const lastTop = useRef(0)
  const seen = useRef(0)
  const before = useRef(rows)
  const toEnd = () => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight
  }
  const look = () => {
    const { scrollTop: top = 0, clientHeight = 600, scrollHeight = 0 } = list.current ?? {}
    const isAtEnd = scrollHeight - top - clientHeight < rowHeight
    // Only who scrolls up stops following: the list grows and shrinks by itself, too.
    if (isAtEnd || top < lastTop.current) isFollowing.value = isAtEnd && place.peek().request === null
    lastTop.current = top
    setView({ top, height: clientHeight - headHeight })
  }
  useEffect(() => {
    const watcher = new ResizeObserver(() => {
      if (isFollowing.peek()) toEnd()
      look()
    })
    if (list.current) watcher.observe(list.current)
    return () => watcher.disconnect()
  }, [])
  const lastId = lastIdIn(rows)
  useLayoutEffect(() => {
    if (isFollowing.value) toEnd()
    else if (list.current) list.current.scrollTop -= goneFrom(before.current, rows) * rowHeight
    if (isFollowing.value || seen.current === 0) seen.current = lastId
    before.current = rows
  }, [rows])
  const follow = () => {
    isFollowing.value = true
    seen.current = lastId
    toEnd()
    look()
  }
  if (seen.current === 0) seen.current = lastId
  seen.current = Math.max(seen.current, lastIdIn(rows.slice(0, endOfView(view.top, view.height))))
  const below = isFollowing.value ? 0 : rows.filter((row) => (idOf(row) ?? 0) > seen.current).length
  return { view, below, look, follow }
}

/** How many rows are no longer there at the beginning. */
function goneFrom(before: readonly Row[], now: readonly Row[]): number {
  const first = firstIdIn(now)
  return first === null
    ? 0
    : Math.max(
        0,
        before.findIndex((row) => idOf(row) === first),
      )
}
