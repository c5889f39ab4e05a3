import { useEffect, useState } from 'preact/hooks'
import type { Explanation } from '../../schemas/explain.ts'
import type { ExchangeView } from '../api.ts'
import { api } from '../api.ts'
import { asXDate } from '../model/clocks.ts'
import { readReason } from '../model/reason.ts'
import { Button } from '../parts/button.tsx'
import { Card, Mistake } from '../parts/card.tsx'
import { Cites } from '../parts/cite.tsx'
import { Page } from '../parts/page.tsx'
import { Scrolling } from '../parts/scrolling.tsx'
import { clockNow } from '../parts/ticking.ts'
import { place } from '../place.ts'
import { Checks } from './requests/checks.tsx'
import type { Draft } from './requests/request-editor.tsx'
import { changeOf, draftOf, headersIn, RequestEditor } from './requests/request-editor.tsx'

const blank = (): Draft => {
  const date = asXDate(clockNow('signing'))
  return {
    method: 'GET',
    path: '/koodrive/ose/v1/backup/device',
    headers: `Authorization: Bearer any-token\nX-User-Id: 1001\nX-Date: ${date}`,
    body: '',
  }
}

/** Whether a request would be accepted, and which check refuses it; nothing is done. */
export const Explain = () => <Asked key={place.value.request} id={place.value.request} />

function Asked({ id }: { readonly id: number | null }) {
  const { world } = place.value
  const [exchange, setExchange] = useState<ExchangeView | null>(null)
  const [draft, setDraft] = useState(blank)
  const [answer, setAnswer] = useState<Explanation | null>(null)
  const [mistake, setMistake] = useState<string | undefined>()
  const show = (asked: Promise<Explanation>) =>
    asked.then(
      (explanation) => {
        setAnswer(explanation)
        setMistake(undefined)
      },
      (error: Error) => {
        setAnswer(null)
        setMistake(error.message)
      },
    )
  useEffect(() => {
    if (id === null) return
    void show(api.explain(world, { request: id }))
    api.exchange(world, id).then(
      (found) => {
        setExchange(found)
        setDraft(draftOf(found))
      },
      () => undefined,
    )
  }, [])
  const ask = (event: Event) => {
    event.preventDefault()
    const { headers, body, ...line } = draft
    const written = { ...line, headers: headersIn(headers), ...(body !== '' && { body }) }
    const asked = exchange && { request: exchange.id, change: changeOf(exchange, draft) }
    void show(api.explain(world, asked ?? written))
  }
  return (
    <Page
      title="Explain a request"
      about={
        id === null
          ? 'It takes the real way, and what it did is undone.'
          : `#${id} as it would be answered now; the emulator puts the token in.`
      }
    >
      <div class="two">
        <Card title="Request">
          <form class="inner stack" onSubmit={ask}>
            <RequestEditor
              draft={draft}
              hint={id === null ? 'one a line, with a token that is good here' : undefined}
              onChange={setDraft}
            />
            <div class="actions">
              <Button type="submit" look="primary">
                Explain it
              </Button>
            </div>
          </form>
        </Card>
        <div class="stack">
          <Mistake text={mistake} />
          {answer && <Explained answer={answer} />}
        </div>
      </div>
    </Page>
  )
}

function Explained({
  answer: { accepted, reason, checks, facts, canonicalRequest, stringToSign },
}: {
  readonly answer: Explanation
}) {
  const { subject, sentence } = readReason(reason ?? '')
  return (
    <>
      <section class={`why ${accepted ? 'accepted' : 'refused'}`} aria-label="Answer">
        <p>
          {accepted ? 'It would be accepted.' : <code>{subject}</code>}
          {!accepted && sentence}
        </p>
        <Cites ids={facts} />
      </section>
      <Checks checks={checks} />
      {canonicalRequest && (
        <Card title="Canonical request" note="what an app signs">
          <Scrolling class="code" label="Canonical request">
            {canonicalRequest}
          </Scrolling>
        </Card>
      )}
      {stringToSign && (
        <Card title="String to sign">
          <Scrolling class="code" label="String to sign">
            {stringToSign}
          </Scrolling>
        </Card>
      )}
    </>
  )
}
