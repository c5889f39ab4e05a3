import type { ExchangeView } from '../../api.ts'
import { marksIn } from '../../model/marks.ts'
import { whyNotAgain } from '../../model/resending.ts'
import { counted, took } from '../../model/wording.ts'
import { Body } from '../../parts/body.tsx'
import { Card } from '../../parts/card.tsx'
import { catalogue } from '../../session.ts'
import { AdviceCard } from './advice.tsx'
import { Checks } from './checks.tsx'
import { Why } from './why.tsx'

interface PanelProps {
  readonly exchange: ExchangeView
}

/** What was sent, and why it came to what it came to. */
export function RequestPanel({ exchange }: PanelProps) {
  const { requestText, outcome, operation, requestSize, requestBody } = exchange
  const list = catalogue.value?.operations.find(({ id }) => id === operation)?.items ?? null
  const isRefused = outcome === 'refused'
  return (
    <>
      <Why exchange={exchange} />
      {isRefused && operation !== null && whyNotAgain(exchange) === undefined && <AdviceCard exchange={exchange} />}
      {requestText !== '' && (
        <Body
          title="Body"
          type={exchange.requestHeaders['content-type'] ?? ''}
          text={requestText}
          shown={requestBody}
          size={requestSize}
          marks={marksIn(exchange, list)}
        />
      )}
      <Checks checks={exchange.checks} />
      {requestText === '' && <AnswerBody exchange={exchange} />}
    </>
  )
}

/** What was answered, or would have been. */
export const AnswerPanel = ({ exchange }: PanelProps) => (
  <>
    {!exchange.delivered && (
      <p class="muted">
        {exchange.status === null
          ? 'The connection ended before there was an answer.'
          : 'This is what was to be answered; it did not arrive whole.'}
      </p>
    )}
    <AnswerBody exchange={exchange} />
    {exchange.reason !== null && (
      <Card title="Reason" note="in the header x-emulator-reason">
        <p class="inner sent">{exchange.reason}</p>
      </Card>
    )}
  </>
)

function AnswerBody({ exchange }: PanelProps) {
  const { status, responseText, responseBody, durationMs, rowsWritten } = exchange
  const about = `${status ?? 'no status'} · ${took(durationMs)} ms · ${counted(rowsWritten, 'row')} written`
  return <Body title="Answer" type={about} text={responseText} shown={responseBody} size={-1} />
}
