import type { Change } from '../../../schemas/change.ts'
import type { ExchangeView } from '../../api.ts'
import { besideChanges, changeWords, fieldsOf, keyOf, shown, summed } from '../../model/changes.ts'
import { counted } from '../../model/wording.ts'
import { Card } from '../../parts/card.tsx'
import { Note } from '../../parts/note.tsx'

/** What a request changed, row by row, before and after. */
export function Changes({ exchange: { changes, changesOmitted, rowsWritten } }: { readonly exchange: ExchangeView }) {
  if (changes === null && rowsWritten > 0) {
    return (
      <p class="muted">
        Nobody noted what this request changed: no page was open on this world then. Open one before, or start with{' '}
        <code>--changes on</code>.
      </p>
    )
  }
  const known = changes ?? []
  const beside = besideChanges(known.length + changesOmitted, rowsWritten)
  return (
    <>
      {known.length > 0 && <ChangeList changes={known} />}
      {beside && <p class="muted">{beside}</p>}
      {changesOmitted > 0 && <p class="muted">{counted(changesOmitted, 'more change')} not shown.</p>}
    </>
  )
}

export const ChangeList = ({
  changes,
  title = 'Changes',
}: {
  readonly changes: readonly Change[]
  readonly title?: string
}) => (
  <Card title={title} note={summed(changes)}>
    {changes.slice(0, 200).map((change, index) => (
      <ChangeItem key={`${keyOf(change.entity, change.key)} ${index}`} change={change} />
    ))}
    {changes.length > 200 && <Note>{counted(changes.length - 200, 'more change')}.</Note>}
  </Card>
)

function ChangeItem({ change }: { readonly change: Change }) {
  const { sign, tone } = changeWords[change.change]
  return (
    <div class="change">
      <div class="what">
        <span class={`sign ${tone}`} aria-hidden="true">
          {sign}
        </span>
        <span class="strong">{change.entity}</span>
        <span class="aloud">{change.change}</span>
        <code class="muted sent">
          {[['user', change.userId], ...Object.entries(change.key)]
            .map(([name, value]) => `${name} ${value}`)
            .join(' · ')}
        </code>
      </div>
      <dl class="fields mono">
        {fieldsOf(change).map(({ name, before, after }) => (
          <>
            <dt>{name}</dt>
            <dd class="sent">
              {change.change !== 'added' && <del>{shown(before)}</del>}
              {change.change === 'changed' && ' → '}
              {change.change !== 'removed' && <ins>{shown(after)}</ins>}
            </dd>
          </>
        ))}
      </dl>
    </div>
  )
}
