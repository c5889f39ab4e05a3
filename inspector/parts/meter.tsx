import { lockLife, renewalDue } from '../model/clocks.ts'
import { countdown } from '../model/wording.ts'

interface MeterProps {
  /** Of a lock's ten minutes, in milliseconds; not above zero where it has ended. */
  readonly left: number
}

/** A lock's ten minutes from left to right: what is left of them is filled, and a mark shows when it ought to be renewed. */
export function Meter({ left }: MeterProps) {
  const used = 1 - left / lockLife
  const style = left <= 0 ? 'gone' : used >= renewalDue ? 'late' : ''
  const width = left <= 0 ? 1 : Math.min(1, left / lockLife)
  return (
    <div class="meter" role="img" aria-label={left > 0 ? `${countdown(left)} left` : 'expired'}>
      <b class={style} style={{ width: `${width * 100}%` }} />
      <i style={{ left: `${renewalDue * 100}%` }} />
    </div>
  )
}
