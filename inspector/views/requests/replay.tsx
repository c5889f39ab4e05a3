import { useState } from 'preact/hooks'
import type { RequestChange } from '../../../schemas/explain.ts'
import { replay } from '../../actions.ts'
import type { ExchangeView } from '../../api.ts'
import { isOfUse } from '../../model/resending.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Choice } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import type { Draft } from './request-editor.tsx'
import { headerLines, headersIn, RequestEditor } from './request-editor.tsx'

/** Put in by the server, or made by whoever sends. */
const made = /^(authorization|x-date|host|connection|content-length|transfer-encoding)$/

const own = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !made.test(name) && isOfUse(name)))

const draftOf = ({ method, path, requestHeaders, requestText }: ExchangeView): Draft => ({
  method,
  path,
  headers: headerLines(own(requestHeaders)),
  body: requestText,
})

/** What is another than in the exchange. */
function changeOf(exchange: ExchangeView, { method, path, headers, body }: Draft): RequestChange {
  const [before, now] = [own(exchange.requestHeaders), headersIn(lowered(headers))]
  const gone = Object.keys(before).filter((name) => !(name in now))
  const other = Object.entries(now).filter(([name, value]) => before[name] !== value)
  const changed = Object.fromEntries([...gone.map((name) => [name, null] as const), ...other])
  return {
    ...(method !== exchange.method && { method }),
    ...(path !== exchange.path && { path }),
    ...(Object.keys(changed).length > 0 && { headers: changed }),
    ...(body !== exchange.requestText && { body }),
  }
}

/** Names of headers are of no case; their values are. */
const lowered = (lines: string): string => lines.replace(/^[^:\n]+:/gm, (name) => name.toLowerCase())

/** The request once more, with what is to be another. The token is the server's to put in: the page never sees one. */
export function Replay({ exchange }: { readonly exchange: ExchangeView }) {
  const [draft, setDraft] = useState(() => draftOf(exchange))
  const [date, setDate] = useState<'now' | 'same'>('now')
  const [lock, setLock] = useState<'same' | 'current'>('same')
  const send = (event: Event) => {
    event.preventDefault()
    void replay(exchange.id, { date, lock, ...changeOf(exchange, draft) })
  }
  return (
    <Card title="Edit and replay" note="signed anew by the emulator; the page never sees a token">
      <form class="inner stack" onSubmit={send}>
        <RequestEditor
          draft={draft}
          hint="one a line; a line that is taken away is not sent. What browsers add and the emulator does not read is not shown, and sent as it was."
          onChange={setDraft}
        />
        <div class="fields-row">
          <Choice
            label="X-Date"
            value={date}
            choices={[
              ['now', 'now'],
              ['same', 'as sent'],
            ]}
            onChoose={setDate}
          />
          <Choice
            label="Lock"
            value={lock}
            choices={[
              ['same', 'as sent'],
              ['current', 'the live one of its module'],
            ]}
            onChoose={setLock}
          />
        </div>
        <div class="actions">
          <Button type="submit" look="primary">
            <Icon name="corner-up-right" size={14} /> Send it
          </Button>
        </div>
      </form>
    </Card>
  )
}
