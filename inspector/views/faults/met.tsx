import { useEffect, useState } from 'preact/hooks'
import type { FaultMatch, FaultRequest } from '../../../schemas/control-faults.ts'
import { api } from '../../api.ts'
import { firingSaid } from '../../model/fault-words.ts'
import { grouped } from '../../model/wording.ts'
import { Card } from '../../parts/card.tsx'
import { Note } from '../../parts/note.tsx'
import { hrefOfRequest, place } from '../../place.ts'
import { all, catalogue, exchanges } from '../../session.ts'

/** So many are shown; the newest say most. */
const most = 12

/** Which requests of the journal the fault would have met. */
export function Met({ fault }: { readonly fault: FaultRequest }) {
  const [would, setWould] = useState<FaultMatch['would'] | string>([])
  const { world } = place.value
  const asked = JSON.stringify(fault)
  const last = all.value.at(-1)?.id
  const isKnown = catalogue.value !== null
  useEffect(() => {
    if (!isKnown) return
    const timer = setTimeout(() => {
      api.matchFault(world, fault).then(
        (answer) => setWould(answer.would),
        (error: Error) => setWould(error.message),
      )
    }, 200)
    return () => clearTimeout(timer)
  }, [asked, world, last, isKnown])
  return (
    <Card title="Would have met" note={`of the ${grouped(all.value.length)} in the journal`}>
      {typeof would === 'string' ? (
        <p class="inner mistake-text">{would}</p>
      ) : would.length === 0 ? (
        <Note>None of them.</Note>
      ) : (
        <ul class="met">
          {would.slice(-most).map(({ id, fires }) => (
            <li key={id}>
              <a class="reference" href={hrefOfRequest(id)}>
                #{id}
              </a>{' '}
              {exchanges.find(id)?.operation} <span class="muted">{firingSaid(fires)}</span>
            </li>
          ))}
          {would.length > most && <li class="muted">and {grouped(would.length - most)} before</li>}
        </ul>
      )}
    </Card>
  )
}
