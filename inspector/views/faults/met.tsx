import type { FaultMatch, FaultRequest } from '../../../schemas/control-faults.ts'
import { api } from '../../api.ts'
import { firingSaid } from '../../model/fault-words.ts'
import { grouped } from '../../model/wording.ts'
import { useAnswer } from '../../parts/answer.ts'
import { Card } from '../../parts/card.tsx'
import { Note } from '../../parts/note.tsx'
import { Reference } from '../../parts/related.tsx'
import { place } from '../../place.ts'
import { all, catalogue, exchanges } from '../../session.ts'

/** So many are shown; the newest say most. */
const most = 12

/** Which requests of the journal the fault would have met. */
export function Met({ fault }: { readonly fault: FaultRequest }) {
  const { world } = place.value
  const isThere = catalogue.value !== null
  const ask = () => (isThere ? api.matchFault(world, fault) : undefined)
  const { answer, error } = useAnswer(world, [JSON.stringify(fault), all.value, isThere], ask, 200)
  const would: FaultMatch['would'] = answer?.would ?? []
  return (
    <Card title="Would have met" note="in the journal">
      {error ? (
        <p class="inner mistake-text">{error.message}</p>
      ) : would.length === 0 ? (
        <Note>None of them.</Note>
      ) : (
        <ul class="met">
          {would.slice(-most).map(({ id, fires }) => (
            <li key={id}>
              <Reference id={id} /> {exchanges.find(id)?.operation} <span class="muted">{firingSaid(fires)}</span>
            </li>
          ))}
          {would.length > most && <li class="muted">and {grouped(would.length - most)} before</li>}
        </ul>
      )}
    </Card>
  )
}
