import type { ExchangeView } from '../../api.ts'
import { placeInWindow, readXDate } from '../../model/clocks.ts'
import { effectWordsOf } from '../../model/fault-words.ts'
import { decisionsOnItems } from '../../model/marks.ts'
import { readReason } from '../../model/reason.ts'
import { counted, span } from '../../model/wording.ts'
import { Cites } from '../../parts/cite.tsx'
import { Reference } from '../../parts/related.tsx'
import { hrefOf } from '../../place.ts'
import { catalogue } from '../../session.ts'
import { WindowBar } from './window-bar.tsx'

interface WhyProps {
  readonly exchange: ExchangeView
}

/** Why it came to what it came to, in a sentence, and what that rests on. Of what was accepted without remark there is nothing. */
export function Why({ exchange }: WhyProps) {
  const { outcome, reason, fault } = exchange
  const isEnded = outcome === 'unanswered' || outcome === 'injected'
  return (
    <>
      {outcome === 'partial' && <PartNote exchange={exchange} />}
      {reason !== null && !isEnded && <ReasonNote exchange={exchange} reason={reason} />}
      {(isEnded || fault !== null) && <FaultNote exchange={exchange} />}
    </>
  )
}

function ReasonNote({ exchange, reason }: WhyProps & { readonly reason: string }) {
  const { outcome } = exchange
  const { subject, sentence, citations } = readReason(reason)
  const isDate = subject === 'X-Date' && outcome === 'refused'
  return (
    <section class={`why ${outcome}`} aria-label="Reason">
      <p>
        {subject && <code class="sent">{subject}</code>}
        <span class="sent">{sentence}</span>
      </p>
      <Cites ids={citations} />
      {isDate && <DateBar exchange={exchange} />}
    </section>
  )
}

function DateBar({ exchange: { requestHeaders, signingTime } }: WhyProps) {
  const date = readXDate(requestHeaders['x-date'] ?? '')
  if (date === undefined) return null
  const place = placeInWindow(date, Date.parse(signingTime))
  return <WindowBar marks={[{ id: null, place, outcome: 'refused' }]} />
}

function PartNote({ exchange: { items, operation, effect } }: WhyProps) {
  const failed = items?.failed ?? []
  const isMade = effect === 'failItems'
  const { facts = [] } = catalogue.value?.operations.find(({ id }) => id === operation) ?? {}
  return (
    <section class="why partial" aria-label="Reason">
      <p>
        {counted(failed.length, 'item')} of {(items?.done ?? 0) + failed.length} failed, although the status is 200 and
        the code is 0: {isMade ? 'a fault had a hand in it' : `${operation} judges each by itself`}. They are marked in
        the body.
      </p>
      {!isMade && <Cites ids={decisionsOnItems(facts)} />}
    </section>
  )
}

function FaultNote({ exchange }: WhyProps) {
  const { fault, effect, outcome, worked, rowsWritten, delivered, retryAfter } = exchange
  const what = effectWordsOf(effect)?.deed ?? 'acted on it'
  const work = worked
    ? `The work is done: ${counted(rowsWritten, 'row')} ${rowsWritten === 1 ? 'is' : 'are'} stored${delivered ? '' : ', and the client does not know it'}.`
    : 'Nothing was done.'
  return (
    <section class={`why ${outcome === 'unanswered' ? outcome : 'injected'}`} aria-label="Fault">
      <p>
        {fault === null ? 'The connection ended before the answer had gone out whole' : <FaultName id={fault} />}
        {fault === null ? '. ' : ` ${what}. `}
        {work}
      </p>
      {retryAfter !== null && <p class="aside">It asked the client to wait {span(retryAfter * 1000)}.</p>}
      <Aftermath exchange={exchange} />
    </section>
  )
}

const FaultName = ({ id }: { readonly id: string }) => (
  <a class="reference" href={hrefOf({ view: 'faults', request: null })}>
    <code>{id}</code>
  </a>
)

/** What the client made of it, as the review found. */
function Aftermath({ exchange: { id, findings } }: WhyProps) {
  return (
    <>
      {findings.map(({ rule, title, requests }) => {
        const later = requests.find((one) => one > id)
        return (
          <p key={rule} class="aside">
            {title}
            {later !== undefined && (
              <>
                : <Reference id={later} />
              </>
            )}{' '}
            <a class="reference" href={hrefOf({ view: 'review', request: null })}>
              {rule}
            </a>
          </p>
        )
      })}
    </>
  )
}
