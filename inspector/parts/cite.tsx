import { hrefOf } from '../place.ts'
import { catalogue } from '../session.ts'

/** What is said of a fact or a decision, and what that means. */
const standings: Readonly<Record<string, readonly [word: string, meaning: string]>> = {
  documented: ['Documented.', 'A page of the vendor says so.'],
  inferred: ['Inferred.', 'No page says so; it follows from what others say, or from their examples.'],
  assumed: ['Assumed.', 'The documentation is silent, and the emulator had to do something: a real server may differ.'],
}

interface CitesProps {
  readonly ids: readonly string[]
}

/** Facts and decisions with their sentences; each leads to all requests whose reason rests on it. */
export function Cites({ ids }: CitesProps) {
  if (ids.length === 0) return null
  return (
    <>
      <ul class="cites">
        {ids.map((id) => (
          <Citation key={id} id={id} />
        ))}
      </ul>
      <Standings />
    </>
  )
}

/** The legend of ids and standings: a button for keys, too. */
const Standings = () => (
  <details class="standings">
    <summary>What do these mean?</summary>
    <dl>
      <dt>DEC-…</dt>
      <dd>
        A decision of the emulator. Other ids are facts about the API: CFG of configurations, LOC of locks, and so on.
      </dd>
      {Object.entries(standings).map(([standing, [word, meaning]]) => (
        <>
          <dt class="cite-key">
            <i class={standing} /> {word}
          </dt>
          <dd>{meaning}</dd>
        </>
      ))}
    </dl>
  </details>
)

/** An id with its standing; its sentence is told where it stands alone. */
export function CiteMark({ id }: { readonly id: string }) {
  const { statements = {}, operations = [] } = catalogue.value ?? {}
  const statement = statements[id]
  const resting = operations.filter(({ facts }) => facts.includes(id)).map((operation) => operation.id)
  const where = resting.length === 0 ? (statement?.concerns ?? '') : resting.join(', ')
  return (
    <a
      class="cite"
      href={hrefOf({ view: 'requests', request: null, filter: [{ name: 'fact', value: id }] })}
      title={`${statement?.sentence ?? ''}\nIt concerns ${where}. To all requests whose reason rests on it.`}
    >
      <i class={statement?.standing ?? ''} />
      {id}
    </a>
  )
}

function Citation({ id }: { readonly id: string }) {
  const statement = catalogue.value?.statements[id]
  return (
    <li>
      <CiteMark id={id} />
      <p>
        {statement ? statement.sentence : 'This emulator does not know it.'}{' '}
        {statement && <strong title={standings[statement.standing]?.[1]}>{standings[statement.standing]?.[0]}</strong>}
      </p>
    </li>
  )
}
