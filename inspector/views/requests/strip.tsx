import { runOf } from '../../model/run.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Legend } from '../../parts/legend.tsx'
import { useClock } from '../../parts/ticking.ts'
import { useWidth } from '../../parts/width.ts'
import { hrefOfView } from '../../place.ts'
import { chooseStrip, hasStrip } from '../../preferences.ts'
import { clock, heldLocks } from '../../session.ts'
import { LanesChart } from '../lanes-chart.tsx'
import { fitting } from './found.ts'

/** So many pixels a request has at least. */
const least = 11
const mostLanes = 3

/** The newest requests as lanes, below the list. */
export function Strip() {
  const [box, width] = useWidth<HTMLElement>()
  const isShown = hasStrip.value
  return (
    <section ref={box} class="strip" aria-label="Timeline">
      <div class="legend">
        <h2>Timeline</h2>
        {isShown && <Legend />}
        <span class="grow" />
        {isShown && (
          <a class="muted" href={hrefOfView('timeline')}>
            by state clock, idle time folded
          </a>
        )}
        <Button
          look="quiet small symbol"
          aria-expanded={isShown}
          aria-label={isShown ? 'Hide the timeline' : 'Show the timeline'}
          onClick={() => chooseStrip(!isShown)}
        >
          <Icon name={isShown ? 'arrow-down' : 'arrow-up'} size={12} />
        </Button>
      </div>
      {isShown && <Chart width={width} />}
    </section>
  )
}

function Chart({ width }: { readonly width: number }) {
  const exchanges = fitting.value.slice(-Math.floor((width - 130) / least))
  const now = useClock('state', 1000)
  const present = clock.value ? now : undefined
  const whole = runOf({ exchanges, locks: heldLocks.value, now: present, spacing: 'folded', labelRoom: 100 / width })
  const run = { ...whole, lanes: whole.lanes.slice(-mostLanes) }
  return <LanesChart run={run} width={width} step={22} nameOf={({ moduleCode }) => `Lock ${moduleCode}`} />
}
