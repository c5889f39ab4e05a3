import { useEffect, useRef } from 'preact/hooks'
import { Boundary } from '../../parts/boundary.tsx'
import { place } from '../../place.ts'
import { all, isLoaded } from '../../session.ts'
import { Bar } from './bar.tsx'
import { Empty } from './empty.tsx'
import { ExchangePane } from './exchange.tsx'
import { rows } from './found.ts'
import { List } from './list.tsx'
import { NoMatch } from './no-match.tsx'
import { Strip } from './strip.tsx'

/** The requests of a world, and the one that is open. */
export function Requests() {
  const { request, filter } = place.value
  const before = useRef(request)
  useEffect(() => {
    const isAnother = before.current !== null && before.current !== request
    before.current = request
    // What had the focus may have gone with the exchange before.
    if (isAnother && document.activeElement === document.body) document.querySelector<HTMLElement>('.exchange')?.focus()
  }, [request])
  const isEmpty = isLoaded.value && all.value.length === 0 && request === null
  if (isEmpty) return <Empty />
  const hasNone = rows.value.length === 0 && filter.length > 0
  return (
    <div class={`requests ${request === null ? '' : 'open'}`}>
      <Bar />
      {hasNone ? <NoMatch /> : <List />}
      {request !== null && <ExchangePane key={request} id={request} />}
      <Boundary what="The timeline">
        <Strip />
      </Boundary>
    </div>
  )
}
