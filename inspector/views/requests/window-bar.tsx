import type { Outcome } from '../../../schemas/journal.ts'
import { placeOf } from '../../address.ts'
import { dateWindow } from '../../model/clocks.ts'
import { signed } from '../../model/wording.ts'
import { useWidth } from '../../parts/width.ts'
import { go, hrefOfRequest } from '../../place.ts'

/** An `X-Date` against its window: 0 is fifteen minutes before the signing clock, 1 is the clock. */
export interface DateMark {
  readonly id: number | null
  readonly place: number
  readonly outcome: Outcome
}

/** Where the window stands on a bar of a width. */
const edgesOf = (width: number): readonly [number, number] => [width * 0.2, width * 0.83]
/** What lies outside the window is drawn nearer than it is, so that a day fits, too. */
const outside = (distance: number): number => Math.min(1, Math.log1p(distance * 8) / 4)

function placeOnBar(place: number, width: number): number {
  const [left, right] = edgesOf(width)
  if (place < 0) return left - 12 - outside(-place) * (left * 0.6)
  if (place > 1) return right + 12 + outside(place - 1) * (width - right) * 0.6
  return left + place * (right - left)
}

const signedMinutes = (place: number): string => signed((place - 1) * dateWindow)

interface WindowBarProps {
  readonly marks: readonly DateMark[]
  readonly height?: number
}

/** The window in which an `X-Date` is believed, both edges included, with the dates of requests in it. */
export function WindowBar({ marks, height = 44 }: WindowBarProps) {
  const [box, width] = useWidth<SVGSVGElement>(500)
  const [left, right] = edgesOf(width)
  const xOf = (place: number) => placeOnBar(place, width)
  const middle = height / 2 - 5
  const refused = marks.filter(({ place }) => place < 0 || place > 1)
  const words = marks.map(({ id, place }) => `${id === null ? 'this request' : `#${id}`} at ${signedMinutes(place)}`)
  return (
    <svg
      class="lanes"
      ref={box}
      height={height}
      role="img"
      aria-label={`X-Date in its window of 15 minutes: ${words.slice(-20).join(', ')}`}
    >
      <title>What X-Date is believed</title>
      <rect class="window-ground" x={left} y={middle - 8} width={right - left} height="16" />
      {[left, right].map((edge) => (
        <line key={edge} class="window-edge" x1={edge} x2={edge} y1={middle - 10} y2={middle + 10} />
      ))}
      {marks.map(({ id, place, outcome }, index) => (
        <DateDot key={id ?? index} id={id} x={xOf(place)} y={middle} outcome={outcome} />
      ))}
      {refused.slice(-4).map(({ id, place }, index) => (
        <text
          key={id ?? index}
          class="expired-text"
          x={xOf(place) + (place < 0 ? 8 : -8)}
          y={height - 1}
          text-anchor={place < 0 ? 'end' : 'start'}
        >
          {id === null ? '' : `#${id} `}
          {signedMinutes(place)}
        </text>
      ))}
      <text x={left + 6} y={height - 1}>
        15 min before
      </text>
      <text x={right - 6} y={height - 1} text-anchor="end">
        signing clock of the server
      </text>
    </svg>
  )
}

interface DateDotProps {
  readonly id: number | null
  readonly x: number
  readonly y: number
  readonly outcome: Outcome
}

function DateDot({ id, x, y, outcome }: DateDotProps) {
  const shape =
    outcome === 'refused' ? (
      <path class="shape" d={`M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`} />
    ) : (
      <circle class="shape" cx={x} cy={y} r="3.5" />
    )
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of requests is the way by keys
    <g class={`dot ${outcome}`} onClick={() => id !== null && go(placeOf(hrefOfRequest(id)))}>
      {shape}
    </g>
  )
}
