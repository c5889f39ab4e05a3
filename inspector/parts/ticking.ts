import { useEffect, useState } from 'preact/hooks'
import type { WhichClock } from '../model/clocks.ts'
import { clockAt, runs } from '../model/clocks.ts'
import { clock } from '../session.ts'

/** Draws again and again, while somebody looks and something runs. @param every in milliseconds */
export function useTicks(isRunning: boolean, every = 500): void {
  const [, draw] = useState({})
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => !document.hidden && draw({}), every)
    return () => clearInterval(timer)
  }, [isRunning, every])
}

/** What a clock of the world shows now, in Unix milliseconds; where none is known, the page's own. */
export function clockNow(which: WhichClock): number {
  const { value } = clock
  return value ? clockAt(value, which, performance.now()) : Date.now()
}

/** The same, drawn again as long as that clock runs. */
export function useClock(which: WhichClock, every?: number): number {
  const { value } = clock
  useTicks(value !== null && runs(value.view, which), every)
  return clockNow(which)
}
