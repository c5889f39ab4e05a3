import { advanceClock, freezeClock } from '../../actions.ts'
import { dateWindow, placeInWindow, runs } from '../../model/clocks.ts'
import { dayAndTime } from '../../model/wording.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { clockNow, useTicks } from '../../parts/ticking.ts'
import { hrefOfView } from '../../place.ts'
import { clock } from '../../session.ts'

const steps = [
  ['+1 min', 'PT1M'],
  ['+8 min', 'PT8M'],
  ['+10 min', 'PT10M'],
] as const

/** The clocks of the world: what the state clock shows, how to move it, and whether an honest date is believed. */
export function ClockPod() {
  const reading = clock.value
  // An honest date goes on where the signing clock stands still, and is refused some day.
  useTicks(reading !== null && (runs(reading.view, 'state') || !runs(reading.view, 'signing')))
  if (reading === null) return null
  const { frozen } = reading.view
  const shown = dayAndTime(new Date(clockNow('state')).toISOString())
  const honest = placeInWindow(Date.now(), clockNow('signing'))
  return (
    <fieldset class="pod" aria-label="Clocks of this world">
      <Button
        class={`run ${frozen ? 'frozen' : ''}`}
        title={frozen ? 'Let the state clock run' : 'Freeze the state clock'}
        onClick={() => freezeClock(!frozen)}
      >
        <Icon name={frozen ? 'snowflake' : 'play'} />
        {frozen ? 'Frozen' : 'Runs'}
      </Button>
      <span>
        <time>{frozen ? shown : shown.slice(0, -4)}</time>
        <small>UTC</small>
      </span>
      <span class="steps">
        {steps.map(([word, advance]) => (
          <Button key={word} title="Move the state clock" onClick={() => advanceClock(advance, word)}>
            {word}
          </Button>
        ))}
        <a href={hrefOfView('clocks')} aria-label="More: an instant, a duration, skew">
          <Icon name="ellipsis" />
        </a>
      </span>
      <DateWindow place={honest} />
    </fieldset>
  )
}

/** The window stands in the middle of the bar, so that there is room for what is too old or in the future. */
const edge = 0.12

function DateWindow({ place }: { readonly place: number }) {
  const at = Math.min(0.985, Math.max(0, edge + place * (1 - 2 * edge)))
  const isBelieved = place >= 0 && place <= 1 + 1000 / dateWindow
  const words = isBelieved ? 'is believed' : place < 0 ? 'is refused: too old' : 'is refused: in the future'
  return (
    <span
      class="x-date"
      title={`X-Date of a client whose clock is right ${words}; the window ends at the signing clock`}
    >
      <span class="muted">X-Date</span>
      <span class={`window ${isBelieved ? '' : 'refused'}`} role="img" aria-label={`An honest X-Date ${words}`}>
        <i style={{ left: `${at * 100}%` }} />
      </span>
    </span>
  )
}
