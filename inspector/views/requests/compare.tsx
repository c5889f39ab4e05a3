import { useMemo } from 'preact/hooks'
import type { ExchangeView } from '../../api.ts'
import { api } from '../../api.ts'
import { linesOf, textOfLine } from '../../model/json-lines.ts'
import { readJson } from '../../model/json-tree.ts'
import { shownOutcome } from '../../model/outcome.ts'
import { diffOf } from '../../model/text-diff.ts'
import { useAnswer } from '../../parts/answer.ts'
import { Card, Mistake } from '../../parts/card.tsx'
import { Select } from '../../parts/field.tsx'
import { go, place } from '../../place.ts'
import { all, exchanges, isKnown } from '../../session.ts'
import { headerLines } from './request-editor.tsx'

/** With what it is compared unless somebody says otherwise: what it replays, or the nearest of its operation. */
function usualOther({ id, operation, replayOf, madeFirst, replays }: ExchangeView): number | null {
  const alike = all.peek().filter((one) => one.operation === operation && one.id !== id)
  return (
    (madeFirst ? null : replayOf) ?? replays.at(-1) ?? alike.findLast((one) => one.id < id)?.id ?? alike[0]?.id ?? null
  )
}

/** Two exchanges side by side, what differs marked. */
export function Compare({ exchange }: { readonly exchange: ExchangeView }) {
  const id = place.value.other ?? usualOther(exchange)
  const { answer: other, error } = useAnswer(`${exchanges.generation} ${id}`, [isKnown(id)], () =>
    id === null ? undefined : api.exchange(exchange.world, id),
  )
  const alike = all.value.filter((one) => one.id !== exchange.id)
  return (
    <>
      <div class="actions">
        Compare #{exchange.id} with
        <Select
          label={`Compare #${exchange.id} with`}
          value={id ?? ''}
          onChoose={(one) => go({ other: Number(one) }, { replace: true })}
        >
          {alike.map((one) => (
            <option key={one.id} value={one.id}>
              #{one.id} {one.operation} {shownOutcome(one).spoken}
            </option>
          ))}
        </Select>
      </div>
      <Mistake text={error?.message} />
      {other && <Sides left={other} right={exchange} />}
    </>
  )
}

const pretty = (text: string): string[] => {
  const root = readJson(text)
  return root ? linesOf(root).map(textOfLine) : text.split('\n')
}

const parts = [
  ['Request', ({ method, path, requestText }: ExchangeView) => [`${method} ${path}`, ...pretty(requestText)]],
  ['Answer', (one: ExchangeView) => [shownOutcome(one).spoken, one.reason ?? '', ...pretty(one.responseText)]],
  ['Headers', ({ requestHeaders }: ExchangeView) => headerLines(requestHeaders).split('\n')],
  [
    'Changes',
    ({ changes }: ExchangeView) =>
      changes
        ?.map((change) => JSON.stringify(change, null, 2))
        .join('\n')
        .split('\n') ?? ['not noted'],
  ],
] as const

const Sides = ({ left, right }: { readonly left: ExchangeView; readonly right: ExchangeView }) => (
  <>
    {parts.map(([title, linesIn]) => (
      <Side key={title} title={title} ids={[left.id, right.id]} left={linesIn(left)} right={linesIn(right)} />
    ))}
  </>
)

interface SideProps {
  readonly title: string
  readonly ids: readonly [number, number]
  readonly left: readonly string[]
  readonly right: readonly string[]
}

function Side({ title, ids, left, right }: SideProps) {
  const lines = useMemo(() => diffOf(left, right), [left.join('\n'), right.join('\n')])
  const differing = lines.filter(({ isSame }) => !isSame).length
  return (
    <Card title={title} note={differing === 0 ? 'the same' : `${differing} lines differ`}>
      <table class="side-by-side mono">
        <thead class="aloud">
          <tr>
            <th scope="col">#{ids[0]}</th>
            <th scope="col">#{ids[1]}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index} class={line.isSame ? '' : 'differs'}>
              <td class="sent">{line.left}</td>
              <td class="sent">{line.right}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
