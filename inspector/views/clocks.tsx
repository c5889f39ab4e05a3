import { useState } from 'preact/hooks'
import { advanceClock, freezeClock, moveClock } from '../actions.ts'
import { api } from '../api.ts'
import { placeInWindow, readXDate } from '../model/clocks.ts'
import { span } from '../model/wording.ts'
import { useAnswer } from '../parts/answer.ts'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { TextField } from '../parts/field.tsx'
import { Note } from '../parts/note.tsx'
import { Page } from '../parts/page.tsx'
import { clockNow, useClock, useTicks } from '../parts/ticking.ts'
import { place } from '../place.ts'
import { all, clock, exchanges, stored } from '../session.ts'
import type { DateMark } from './requests/window-bar.tsx'
import { WindowBar } from './requests/window-bar.tsx'
import { LockRow } from './state/locks.tsx'

/** Both clocks of a world, what they judge, and how to move them. */
export function Clocks() {
  if (clock.value === null) {
    return (
      <Page title="Clocks" about="This world is made by its first call; it has clocks then.">
        <div class="actions">
          <Button look="primary" onClick={() => moveClock({ frozen: true }, 'The world is there, its clock frozen')}>
            Make it, its clock frozen
          </Button>
        </div>
      </Page>
    )
  }
  return (
    <Page title="Clocks" about="The state clock ages locks and tokens. The signing clock judges X-Date." width={1080}>
      <div class="two">
        <StateClock />
        <SigningClock />
      </div>
      <Card
        title="What X-Date is believed"
        note="the last requests against the window of 15 minutes, both edges included"
      >
        <div class="inner">
          <Dates />
        </div>
      </Card>
      <Ends />
    </Page>
  )
}

const Instant = ({ millis }: { readonly millis: number }) => (
  <p class="big-time">
    {new Date(millis).toISOString().replace('T', ' ').slice(0, -1)} <small>UTC</small>
  </p>
)

const steps = [
  ['+1 s', 'PT1S', ''],
  ['+1 min', 'PT1M', ''],
  ['+8 min', 'PT8M', '80 %'],
  ['+9:59.999', 'PT9M59.999S', ''],
  ['+10 min', 'PT10M', 'lock ends'],
  ['+20 min', 'PT20M', 'token ends'],
] as const

/** Against the wall clock: the page's own, for the emulator runs on the same machine or near it. */
function relation(millis: number): string {
  const difference = millis - Date.now()
  return Math.abs(difference) < 2000
    ? 'with the wall'
    : `${span(difference)} ${difference < 0 ? 'behind' : 'ahead of'} the wall`
}

function StateClock() {
  const reading = clock.value
  // Of one that is frozen, how far it is from the wall.
  useTicks(true, reading?.view.frozen ? 1000 : 100)
  const [instant, setInstant] = useState('')
  const [duration, setDuration] = useState('')
  if (reading === null) return null
  const { frozen } = reading.view
  const millis = clockNow('state')
  const submit = (move: object, done: string) => (event: Event) => {
    event.preventDefault()
    void moveClock(move, done)
  }
  return (
    <Card
      title="State clock"
      note={`${frozen ? 'frozen' : 'runs'}, ${relation(millis)}`}
      actions={
        <Button look="small" onClick={() => freezeClock(!frozen)}>
          {frozen ? 'Let it run' : 'Freeze it'}
        </Button>
      }
    >
      <div class="inner stack">
        <Instant millis={millis} />
        <div class="quick">
          {steps.map(([word, advance, why]) => (
            <Button key={word} look="" onClick={() => advanceClock(advance, word)}>
              {word} {why && <span class="muted">{why}</span>}
            </Button>
          ))}
        </div>
        <div class="fields-row">
          <form onSubmit={submit({ now: instant }, 'The state clock was set')}>
            <TextField
              label="To an instant"
              placeholder={new Date(millis).toISOString()}
              value={instant}
              onWrite={setInstant}
            />
          </form>
          <form onSubmit={submit({ advance: duration }, `The state clock was moved by ${duration}`)}>
            <TextField label="By a duration" placeholder="PT10M" value={duration} onWrite={setDuration} />
          </form>
        </div>
      </div>
    </Card>
  )
}

const skews = [
  ['Skew −1 min', '-PT1M'],
  ['None', 'PT0S'],
  ['+1 s', 'PT1S'],
  ['+15 min', 'PT15M'],
  ['+16 min', 'PT16M'],
] as const

function SigningClock() {
  const reading = clock.value
  const millis = useClock('signing', 100)
  if (reading === null) return null
  const { signing, skew } = reading.view
  const other = signing === 'wall' ? 'state' : 'wall'
  return (
    <Card
      title="Signing clock"
      note={`follows the ${signing} clock`}
      actions={
        <Button
          look="small"
          onClick={() => moveClock({ signing: other }, `The signing clock follows the ${other} clock`)}
        >
          Follow the {other}
        </Button>
      }
    >
      <div class="inner stack">
        <Instant millis={millis} />
        <div class="quick">
          {skews.map(([word, value]) => (
            <Button
              key={word}
              look=""
              aria-pressed={skew === value}
              onClick={() => moveClock({ skew: value }, `The skew is ${value}`)}
            >
              {word}
            </Button>
          ))}
        </div>
        <p class="muted">
          {skew === 'PT0S'
            ? 'With a skew of +16 min, an honest client is refused although nothing has aged.'
            : `The skew is ${skew}.`}
        </p>
      </div>
    </Card>
  )
}

/** So many of the last requests. */
const most = 40

interface Dated {
  readonly id: number
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly signingTime: string
}

function Dates() {
  const { world } = place.value
  const { answer } = useAnswer(world, [all.value], () => api.requests(world, `?limit=${most}`))
  const { requests = [] } = Object(answer) as { requests?: readonly Dated[] } // as the list shows entries
  const dates = requests.flatMap(markOf)
  return dates.length === 0 ? (
    <p class="muted">No request has brought an X-Date yet.</p>
  ) : (
    <WindowBar marks={dates} height={84} />
  )
}

function markOf({ id, requestHeaders, signingTime }: Dated): DateMark[] {
  const date = readXDate(requestHeaders['x-date'] ?? '')
  if (date === undefined) return []
  const at = placeInWindow(date, Date.parse(signingTime))
  const isDateRefused = at < 0 || (exchanges.find(id)?.reason ?? '').startsWith('X-Date')
  return [{ id, place: at, outcome: isDateRefused ? 'refused' : 'accepted' }]
}

/** Live locks of all users, with the ways to where they matter. */
function Ends() {
  const { world } = place.value
  const { answer } = useAnswer(world, [stored.value], () => api.state(world))
  const locks = Object.entries(answer?.users ?? {}).flatMap(([user, { locks: own = [] }]) =>
    own.map((lock) => ({ user, lock })),
  )
  return (
    <Card title="What ends when" note="by the state clock">
      {locks.length === 0 && <Note>No lock is held.</Note>}
      {locks.slice(0, 30).map(({ user, lock }) => (
        <LockRow key={lock.lockId} lock={lock} user={user} hasMoves />
      ))}
    </Card>
  )
}
