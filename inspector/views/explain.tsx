import { useEffect, useState } from 'preact/hooks'
import type { Explanation } from '../../schemas/explain.ts'
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
import { headerLines, headersIn, RequestEditor } from './requests/request-editor.tsx'

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
export function Explain() {
  const { world, request } = place.value
  const [draft, setDraft] = useState(blank)
  const [answer, setAnswer] = useState<Explanation | null>(null)
  const [mistake, setMistake] = useState<string | undefined>()
  const show = (asked: Promise<Explanation>) =>
    asked.then(
      (explanation) => {
        setAnswer(explanation)
        setMistake(undefined)
      },
      (error: Error) => setMistake(error.message),
    )
  useEffect(() => {
    if (request === null) return
    void show(api.explain(world, { request }))
    api.exchange(world, request).then(
      ({ method, path, requestHeaders, requestText }) => {
        setDraft({ method, path, headers: headerLines(requestHeaders), body: requestText })
      },
      () => undefined,
    )
  }, [world, request])
  const ask = (event: Event) => {
    event.preventDefault()
    const { method, path, headers, body } = draft
    void show(api.explain(world, { method, path, headers: headersIn(headers), ...(body !== '' && { body }) }))
  }
  return (
    <Page
      title="Explain a request"
      about={
        request === null
          ? 'It takes the real way, and what it did is undone.'
          : `#${request} as it would be answered now; the emulator puts the token in.`
      }
    >
      <div class="two">
        <Card title="Request">
          <form class="inner stack" onSubmit={ask}>
            <RequestEditor draft={draft} hint="one a line, with a token that is good here" onChange={setDraft} />
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
