import type { Summary } from '../../../schemas/journal.ts'
import type { Row } from '../../model/exchanges.ts'
import { subjectOf } from '../../model/outcome.ts'
import { replayWord } from '../../model/resending.ts'
import { rowHeight } from '../../model/rows-in-view.ts'
import { grouped, signed, timeOf, took } from '../../model/wording.ts'
import { Icon } from '../../parts/icon.tsx'
import { OutcomeCell } from '../../parts/outcome.tsx'
import { go } from '../../place.ts'
import { pointed, reviewed } from './found.ts'

interface ListRowProps {
  readonly row: Row
  readonly index: number
  readonly isOpen: boolean
  readonly isActive: boolean
  readonly isPointed: boolean
}

/* biome-ignore-start lint/a11y/useSemanticElements: a table cannot leave rows out */
/* biome-ignore-start lint/a11y/useFocusableInteractive: the grid has the focus, and names the active row */
/* biome-ignore-start lint/a11y/useKeyWithClickEvents: the grid hears the keys */
export function ListRow({ row, index, isOpen, isActive, isPointed }: ListRowProps) {
  const style = { top: `${index * rowHeight}px` }
  if (row.kind === 'moved') {
    return (
      <div class="moved" role="row" aria-rowindex={index + 2} style={style}>
        <span role="gridcell" aria-colspan={7}>
          <b>{signed(row.by)}</b> the state clock was moved
        </span>
      </div>
    )
  }
  const { summary } = row
  return (
    <div
      id={`row-${summary.id}`}
      class={`exchange-row ${isPointed ? 'pointed' : ''} ${isActive ? 'active' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      style={style}
      onClick={() => go({ request: summary.id, tab: 'request', other: null })}
      onMouseEnter={() => (pointed.value = summary.id)}
      onMouseLeave={() => (pointed.value = null)}
    >
      <Cells summary={summary} />
    </div>
  )
}

function Cells({ summary }: { readonly summary: Summary }) {
  const { id, time, method, operation, path, rowsWritten, durationMs } = summary
  const subject = subjectOf(summary)
  return (
    <>
      <span role="gridcell" class="number mono muted">
        {id}
      </span>
      <span role="gridcell" class="mono wide muted">
        {timeOf(time)}
      </span>
      <span role="gridcell" class="operation">
        <span class="method mono">{method}</span>
        <b class="sent">{operation ?? path}</b>
        {subject && <span class="subject sent">{subject}</span>}
      </span>
      <span role="gridcell">
        <OutcomeCell of={summary} />
      </span>
      <span role="gridcell" class="number mono wide">
        {rowsWritten === 0 ? <span class="muted">·</span> : grouped(rowsWritten)}
      </span>
      <span role="gridcell" class="number mono wide muted">
        {took(durationMs)}
      </span>
      <span role="gridcell" class="wide">
        <Marks summary={summary} />
      </span>
    </>
  )
}
/* biome-ignore-end lint/a11y/useKeyWithClickEvents: see above */
/* biome-ignore-end lint/a11y/useFocusableInteractive: see above */
/* biome-ignore-end lint/a11y/useSemanticElements: see above */

const Marks = ({
  summary: { id, unread, fault, isFirstOnConnection, replayOf, madeFirst },
}: {
  readonly summary: Summary
}) => (
  <span class="marks">
    {replayOf !== null && <Icon name="repeat-2" size={14} label={`${replayWord(madeFirst)} #${replayOf}`} />}
    {reviewed.value.has(id) && <Icon name="flag" size={14} label="in review" class="partial" />}
    {unread > 0 && <Icon name="eye-off" size={14} label="has fields that nobody reads" class="partial" />}
    {fault !== null && <Icon name="zap" size={14} label={`fault ${fault}`} class="injected" />}
    {isFirstOnConnection && id > 1 && <Icon name="plug" size={14} label="first on its connection" />}
  </span>
)
