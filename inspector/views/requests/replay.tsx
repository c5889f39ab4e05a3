import { useState } from 'preact/hooks'
import { replay } from '../../actions.ts'
import type { ExchangeView } from '../../api.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Choice } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { changeOf, draftOf, RequestEditor } from './request-editor.tsx'

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
        <RequestEditor draft={draft} onChange={setDraft} />
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
