import { useState } from 'preact/hooks'
import type { Spacing } from '../model/lanes.ts'
import { runOf } from '../model/run.ts'
import { counted } from '../model/wording.ts'
import { Button } from '../parts/button.tsx'
import { Legend } from '../parts/legend.tsx'
import { Page } from '../parts/page.tsx'
import { useClock } from '../parts/ticking.ts'
import { useWidth } from '../parts/width.ts'
import { all, clock, heldLocks } from '../session.ts'
import { LanesChart } from './lanes-chart.tsx'

const modes = [
  ['folded', 'State clock'],
  ['wall', 'Wall clock'],
  ['even', 'Even spacing'],
] as const

/** So many requests find room beside each other. */
const most = 250

/** The whole run: a lane for each lock, the requests, the faults, and where the clock was moved. */
export function Timeline() {
  const [mode, setMode] = useState<Exclude<Spacing, 'clock'> | 'wall'>('folded')
  const [isFolded, setFolded] = useState(true)
  const [box, width] = useWidth<HTMLDivElement>()
  const exchanges = all.value.slice(-most)
  const now = useClock('state', 1000)
  const present = clock.value ? now : undefined
  const spacing = mode === 'folded' && !isFolded ? 'clock' : mode
  const run = runOf({ exchanges, locks: heldLocks.value, now: present, spacing, labelRoom: 100 / width })
  const head = (
    <>
      <div class="choices">
        {modes.map(([name, word]) => (
          <Button key={name} aria-pressed={mode === name} onClick={() => setMode(name)}>
            {word}
          </Button>
        ))}
      </div>
      <span class="grow" />
      <Button look="" aria-pressed={isFolded} disabled={mode !== 'folded'} onClick={() => setFolded(!isFolded)}>
        Idle time folded
      </Button>
    </>
  )
  return (
    <Page title="Timeline" head={head}>
      <section class="card timeline">
        <div class="inner stack" ref={box}>
          {exchanges.length === 0 ? (
            <p class="muted">There is no request yet, so nothing has a place in time.</p>
          ) : (
            <LanesChart
              run={run}
              width={Math.max(300, width - 2)}
              step={54}
              nameOf={({ moduleCode, userId }) => `Lock ${moduleCode} · ${userId.slice(0, 8)}`}
              hasFaultNames
            />
          )}
          <div class="legend">
            <Legend />
            <span class="grow" />
            {all.value.length > most && <span class="muted">the newest {counted(most, 'request')}</span>}
          </div>
        </div>
      </section>
    </Page>
  )
}
