import { useEffect, useState } from 'preact/hooks'
import type { CoverageView } from '../../schemas/coverage.ts'
import { emulatorAddress } from '../api.ts'
import type { Gap } from '../model/coverage.ts'
import { chancesIn, sharesIn } from '../model/coverage.ts'
import { capital, counted } from '../model/wording.ts'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Page } from '../parts/page.tsx'
import { Scrolling } from '../parts/scrolling.tsx'
import { place } from '../place.ts'
import { coverage, readCoverage, whyNothing } from '../session.ts'

/** What of the contract a client never met, by what helps. */
export function Coverage() {
  const { world } = place.value
  const { value } = coverage
  useEffect(readCoverage, [world])
  if (value === null) return <Page title="Coverage" about={whyNothing.value} />
  const about = `What ${counted(value.requests, 'request')} met of the contract. What was never met is no failure: nobody has to meet all of it.`
  return (
    <Page title="Coverage" about={about} width={960}>
      <Shares value={value} />
      <section class="card" aria-label="Never met">
        {value.neverMet.length === 0 && (
          <Note>{value.requests === 0 ? 'There is no request yet.' : 'All of it was met.'}</Note>
        )}
        {value.neverMet.map((gap) => (
          <NeverMet key={gap.what} gap={gap} world={world} />
        ))}
      </section>
      {value.neverCalled.length > 0 && (
        <Card title="Never called" note={value.neverCalled.length}>
          <p class="inner mono sent">{value.neverCalled.join(', ')}</p>
        </Card>
      )}
    </Page>
  )
}

const Shares = ({ value }: { readonly value: CoverageView }) => (
  <Card title="Met" note="of the operations that were called; the first, of all">
    <dl class="inner shares">
      {sharesIn(value).map(({ words, met, of }) => (
        <div key={words}>
          <dt>{capital(words)}</dt>
          <dd class="mono">
            {met} of {of}
          </dd>
          <span class="share" aria-hidden="true">
            <b style={{ width: `${(met / of) * 100}%` }} />
          </span>
        </div>
      ))}
    </dl>
  </Card>
)

/** What was never met, where, and the call that has the next request meet it. */
function NeverMet({ gap, world }: { readonly gap: Gap; readonly world: string }) {
  const [chosen, setChosen] = useState(0)
  const chances = chancesIn(gap, `${emulatorAddress}/_emulator/worlds/${encodeURIComponent(world)}`)
  const call = (chances[chosen] ?? chances[0])?.call
  return (
    <article class="finding never-met">
      <Icon name="circle-dashed" />
      <h2>
        {capital(gap.what)}
        <code>{gap.kind}</code>
      </h2>
      <div class="evidence">
        {chances.map(({ operation, what }, index) => {
          const words = (
            <>
              <code>{operation}</code>
              {what}
            </>
          )
          if (!call)
            return (
              <span key={operation} class="chip">
                {words}
              </span>
            )
          return (
            <Button
              key={`${operation} ${what}`}
              class="chip"
              aria-pressed={index === chosen}
              onClick={() => setChosen(index)}
            >
              {words}
            </Button>
          )
        })}
      </div>
      {call && (
        <div class="call">
          <Scrolling class="code framed" label="A call that makes it">
            {call}
          </Scrolling>
          <CopyButton text={() => call} what="The call" />
        </div>
      )}
    </article>
  )
}
