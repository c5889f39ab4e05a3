import { signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Row } from '../../model/exchanges.ts'
import { rowHeight, rowsInView, topToShow } from '../../model/rows-in-view.ts'
import { grouped } from '../../model/wording.ts'
import { Boundary } from '../../parts/boundary.tsx'
import { Button } from '../../parts/button.tsx'
import { go, place } from '../../place.ts'
import { headHeight, idOf, useFollowing } from './following.ts'
import { pointed, rows } from './found.ts'
import { ListRow } from './row.tsx'

/** The exchange that keys act on; the open one, until it is moved. */
const cursor = signal<number | null>(null)

const heads = ['#', 'State time', 'Operation', 'Outcome', 'Rows', 'ms', 'Marks'] as const

/** The exchanges, of which only those in view are made. */
export function List() {
  const list = useRef<HTMLDivElement>(null)
  const { value } = rows
  const { request } = place.value
  const count = value.length
  const { view, below, look, follow } = useFollowing(list, value)
  useLayoutEffect(() => {
    if (request !== null) show(list.current, value, request)
  }, [request, request !== null && value.some((row) => idOf(row) === request)])
  const { first, end } = rowsInView(count, view.top, view.height)
  const at = cursor.value ?? request
  const isMade = value.slice(first, end).some((row) => idOf(row) === at)
  return (
    <div class="list-frame">
      {/* biome-ignore lint/a11y/useSemanticElements: a table cannot leave rows out */}
      <div
        ref={list}
        class="list"
        role="grid"
        tabIndex={0}
        aria-label="Requests, newest last"
        aria-rowcount={count + 1}
        aria-activedescendant={isMade && at !== null ? `row-${at}` : undefined}
        onScroll={look}
        onKeyDown={(event) => onKey(event, list.current, follow)}
      >
        <Heads />
        {/* biome-ignore lint/a11y/useSemanticElements: a table cannot leave rows out */}
        <div class="rows" role="rowgroup" style={{ height: `${count * rowHeight + 8}px` }}>
          {value.slice(first, end).map((row, index) => (
            <Boundary key={row.kind === 'exchange' ? row.summary.id : -row.before} what="This row">
              <ListRow
                row={row}
                index={first + index}
                isOpen={idOf(row) === request && request !== null}
                isActive={idOf(row) === at && at !== null}
                isPointed={idOf(row) === pointed.value && pointed.value !== null}
              />
            </Boundary>
          ))}
        </div>
      </div>
      {below > 0 && (
        <Button look="small pill-below" onClick={follow}>
          {grouped(below)} new below
        </Button>
      )}
    </div>
  )
}

/* biome-ignore-start lint/a11y/useSemanticElements: a table cannot leave rows out */
/* biome-ignore-start lint/a11y/useFocusableInteractive: the grid has the focus, and names the active row */
const Heads = () => (
  <div class="heads" role="row" aria-rowindex={1}>
    {heads.map((head, index) => (
      <span key={head} role="columnheader" class={headClass(index)}>
        {index === 6 ? <span class="aloud">{head}</span> : head}
      </span>
    ))}
  </div>
)
/* biome-ignore-end lint/a11y/useFocusableInteractive: see above */
/* biome-ignore-end lint/a11y/useSemanticElements: see above */

const headClass = (index: number): string =>
  [index === 0 || index === 4 || index === 5 ? 'number' : '', [1, 4, 5, 6].includes(index) ? 'wide' : ''].join(' ')

function show(list: HTMLDivElement | null, all: readonly Row[], id: number): void {
  const index = all.findIndex((row) => idOf(row) === id)
  if (!list || index < 0) return
  cursor.value = id
  list.scrollTop = topToShow(index, list.scrollTop, list.clientHeight - headHeight)
}

const pageSize = 15

function onKey(event: KeyboardEvent, list: HTMLDivElement | null, follow: () => void): void {
  const ids = rows.peek().flatMap((row) => idOf(row) ?? [])
  const at = ids.indexOf(cursor.peek() ?? place.peek().request ?? -1)
  const last = ids.length - 1
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? last : at - 1,
    PageDown: at + pageSize,
    PageUp: at - pageSize,
    Home: 0,
    End: last,
  }[event.key]
  if (event.key === 'Enter' && cursor.peek() !== null) go({ request: cursor.peek(), tab: 'request', other: null })
  if (event.key === 'Escape') go({ request: null, other: null })
  if (to === undefined) return
  event.preventDefault()
  const id = ids[Math.min(last, Math.max(0, to))]
  if (id !== undefined) show(list, rows.peek(), id)
  if (event.key === 'End' && place.peek().request === null) follow()
}
