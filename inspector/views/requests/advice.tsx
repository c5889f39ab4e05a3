import { useEffect, useState } from 'preact/hooks'
import type { Advice, AdviceStep } from '../../../schemas/explain.ts'
import { mayReplay, moveClock, replay } from '../../actions.ts'
import type { ExchangeView } from '../../api.ts'
import { api } from '../../api.ts'
import { madeBy, originOf } from '../../model/made-by.ts'
import { countdown, timeOf } from '../../model/wording.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Note } from '../../parts/note.tsx'
import { Related } from '../../parts/related.tsx'
import { useClock } from '../../parts/ticking.ts'
import { place } from '../../place.ts'
import { all, clock, exchanges, restorations } from '../../session.ts'

/** What would make a refused request accepted: steps that the emulator tried and undid. */
export function AdviceCard({ exchange: { id, world } }: { readonly exchange: ExchangeView }) {
  const [{ told, of }, setTried] = useState({ told: 'Trying …' as readonly Advice[] | string, of: '' })
  // Whenever it is another one, the world may answer otherwise than before.
  const present = `${all.value.at(-1)?.id} ${clock.value?.readAt}`
  useEffect(() => {
    let isLatest = true
    const keep = (now: typeof told) => isLatest && setTried({ told: now, of: present })
    const ask = () =>
      api.explain(world, { request: id, advice: true }).then(
        (answer) => keep(answer.accepted ? 'As it was sent, it would be accepted now.' : (answer.advice ?? [])),
        (error: Error) => keep(`It could not be tried: ${error.message}`),
      )
    const timer = setTimeout(ask, of === '' ? 0 : 300)
    return () => {
      isLatest = false
      clearTimeout(timer)
    }
  }, [present])
  const ways = typeof told === 'string' ? [] : told
  const first = ways.find((way) => workOf(way) !== undefined)
  const text = typeof told === 'string' ? told : nothingHelps
  return (
    <Card
      title="What would make it accepted"
      note={of === present ? 'tried now, then undone' : 'trying …'}
      class="advice"
    >
      {ways.length === 0 && <Note>{text}</Note>}
      <ol>
        {ways.map((way, index) => (
          <Way key={index} id={id} advice={way} number={index + 1} isFirst={way === first} />
        ))}
      </ol>
    </Card>
  )
}

const nothingHelps = 'Nothing that was tried makes it accepted; the reason says what is expected.'

interface WayProps {
  readonly id: number
  readonly advice: Advice
  readonly number: number
  /** Whether it is the first that can be done here. */
  readonly isFirst: boolean
}

function Way({ id, advice, number, isFirst }: WayProps) {
  const { steps, accepted, otherwise } = advice
  return (
    <li class={steps.some((step) => 'call' in step) ? 'long' : ''}>
      <span class="place">{number}</span>
      <div>
        {steps.map((step, index) => (
          <Step key={index} step={step} id={accepted ? id : 0} />
        ))}
        {otherwise && <p class="muted sent">Still refused: {otherwise}</p>}
      </div>
      <div class="actions">
        <span class={`verdict ${accepted ? '' : 'not'}`}>{accepted ? '✓ accepted' : '✕ refused'}</span>
        <Doing advice={advice} id={id} isFirst={isFirst} />
      </div>
    </li>
  )
}

/** @param id of the exchange, where its advice was found good */
function Step({ step, id }: { readonly step: AdviceStep; readonly id: number }) {
  if ('now' in step) return <Later now={step.now} />
  if ('call' in step) {
    const { method, path, body } = step.call
    return (
      <p>
        first <code class="sent">{`${method} ${path}`}</code>
        {body !== undefined && (
          <>
            {' '}
            with <code class="sent">{typeof body === 'string' ? body : JSON.stringify(body)}</code>
          </>
        )}
      </p>
    )
  }
  const exchange = exchanges.find(id)
  const origin = exchange && originOf(step, exchange, madeBy(all.value, restorations.value))
  return (
    <p>
      {step.from === null && <span class="muted">add </span>}
      <code class="sent">{step.at}</code>{' '}
      {step.from !== null && (
        <>
          <del class="mono sent">{JSON.stringify(step.from)}</del>
          <span class="muted"> → </span>
        </>
      )}
      {step.to === null ? <span class="muted">left out</span> : <ins class="mono sent">{JSON.stringify(step.to)}</ins>}
      {origin && <Related word={` ${origin[0]}`} id={origin[1]} />}
    </p>
  )
}

function Later({ now }: { readonly now: string }) {
  const left = Date.parse(now) - useClock('state', 100)
  return (
    <p>
      from <code>{timeOf(now)}</code> on{left > 0 && <span class="muted">, in {countdown(left)}</span>}
    </p>
  )
}

/** What the page would have to do for it: the instant to go to, and the calls to make; `undefined` where it cannot. */
function workOf({ steps, accepted }: Advice) {
  const now = steps.flatMap((step) => ('now' in step ? step.now : []))[0]
  const first = steps.flatMap((step) => ('call' in step ? step.call : []))
  // A token is the client's to have; the page never sees one.
  const isForClient = first.some(({ path }) => path.startsWith('/_emulator/'))
  // What is to be waited for after a call is for the client, too: here the clock goes first.
  const isLate = steps.some((step, index) => 'now' in step && steps.slice(0, index).some((one) => 'call' in one))
  return accepted && !isForClient && !isLate ? { now, first } : undefined
}

/** Does what was tried: moves the clock, makes the calls, and sends the request as it is to be. */
function Doing({ advice, id, isFirst }: Omit<WayProps, 'number'>) {
  const work = workOf(advice)
  if (work === undefined) return null
  const { now, first } = work
  const send = async () => {
    const { world } = place.peek()
    if (!(await mayReplay())) return
    if (now !== undefined && !(await moveClock({ now }, 'The state clock was moved'))) return
    await replay(id, { ...advice.change, ...(first.length > 0 && { first }) }, world)
  }
  return (
    <Button look="small" onClick={send}>
      <Icon name="corner-up-right" size={13} /> {wordFor(now !== undefined, first.length > 0)}
      {isFirst && <kbd>S</kbd>}
    </Button>
  )
}

function wordFor(waits: boolean, calls: boolean): string {
  if (waits) return 'Go there and send it'
  return calls ? 'Call first, then send it so' : 'Send it so'
}
