import { placeOf } from '../address.ts'
import { shownOutcome } from '../model/outcome.ts'
import type { Lane, LockBar, Run } from '../model/run.ts'
import { counted } from '../model/wording.ts'
import { go, hrefOfRequest, place } from '../place.ts'
import { pointed } from './requests/found.ts'

interface LanesChartProps {
  readonly run: Run
  readonly width: number
  /** Of a lane, in pixels. */
  readonly step: number
  readonly nameOf: (lane: Lane) => string
  readonly hasFaultNames?: boolean
}

const labels = 116
const rightEdge = 14

/** A run as lanes: locks, requests, faults, moves of the clock. The list beside it says the same in words. */
export function LanesChart({ run, width, step, nameOf, hasFaultNames = false }: LanesChartProps) {
  const faulty = run.requests.filter(({ summary }) => summary.fault !== null)
  const lanes = [...run.lanes.map(nameOf), 'Requests', ...(faulty.length > 0 ? ['Faults'] : [])]
  const height = lanes.length * step + 20
  const xOf = (at: number) => labels + 8 + at * (width - labels - 8 - rightEdge)
  const yOf = (lane: number) => lane * step + step / 2
  const requestLane = run.lanes.length
  return (
    <svg
      class="lanes"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${counted(run.lanes.length, 'lane')} of locks, ${counted(run.requests.length, 'request')}, ${counted(faulty.length, 'fault')}`}
    >
      {lanes.map((name, lane) => (
        <g key={lane}>
          <text x={0} y={yOf(lane) + 4}>
            {name}
          </text>
          <line class="axis" x1={labels} x2={width} y1={yOf(lane)} y2={yOf(lane)} />
        </g>
      ))}
      {run.lanes.map((lane, index) =>
        lane.bars.map((bar, place) => (
          <Bar key={`${lane.key} ${place}`} bar={bar} xOf={xOf} y={yOf(index)} height={Math.min(26, step * 0.6)} />
        )),
      )}
      {run.moves.map(({ x, text }) => (
        <g key={x}>
          <line class="move" x1={xOf(x)} x2={xOf(x)} y1={0} y2={height - 16} />
          <text class="moved" x={xOf(x)} y={height - 4} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      {run.times.map(({ x, text }) => (
        <text
          key={`${x} ${text}`}
          class="when"
          x={xOf(x)}
          y={height - 4}
          text-anchor={x > 0.95 ? 'end' : x < 0.05 ? 'start' : 'middle'}
        >
          {text}
        </text>
      ))}
      {run.requests.map(({ x, summary }) => (
        <Dot key={summary.id} x={xOf(x)} y={yOf(requestLane)} summary={summary} reach={step} />
      ))}
      {faulty.map(({ x, summary }, index) => (
        <g key={summary.id}>
          <circle class="fault" cx={xOf(x)} cy={yOf(requestLane + 1)} r="3.5" />
          {hasFaultNames && hasRoom(faulty, index, width) && (
            <text class="fault-text" x={xOf(x) + 8} y={yOf(requestLane + 1) + 4}>
              {summary.fault}
            </text>
          )}
        </g>
      ))}
      <line class="now" x1={xOf(run.now) + 9} x2={xOf(run.now) + 9} y1={0} y2={height - 16} />
    </svg>
  )
}

/** Whether the name of a fault ends before the next begins. */
const hasRoom = (faulty: Run['requests'], index: number, width: number): boolean => {
  const [here, next] = [faulty[index]?.x ?? 0, faulty[index + 1]?.x ?? 2]
  return (next - here) * width > 60
}

interface BarProps {
  readonly bar: LockBar
  readonly xOf: (at: number) => number
  readonly y: number
  readonly height: number
}

const Bar = ({ bar: { from, to, begun, due, end }, xOf, y, height }: BarProps) => {
  const [top, bottom] = [y - height / 2, y + height / 2]
  return (
    <g>
      <rect class="held" x={xOf(from)} y={top} width={Math.max(1, xOf(to) - xOf(from))} height={height} rx="2" />
      {begun.map((at) => (
        <line key={at} class="begin" x1={xOf(at)} x2={xOf(at)} y1={top} y2={bottom} />
      ))}
      {due.map((at) => (
        <line key={at} class="due" x1={xOf(at)} x2={xOf(at)} y1={top - 2} y2={bottom + 2} />
      ))}
      {(end === 'expired' || end === 'undone') && (
        <>
          <line class={end} x1={xOf(to)} x2={xOf(to)} y1={top} y2={bottom} />
          <text class={`${end}-text`} x={xOf(to) + 7} y={y + 4}>
            {end}
          </text>
        </>
      )}
    </g>
  )
}

interface DotProps {
  readonly x: number
  readonly y: number
  readonly summary: Run['requests'][number]['summary']
  readonly reach: number
}

/* biome-ignore-start lint/a11y/noStaticElementInteractions: the list is the way by keys */
/* biome-ignore-start lint/a11y/useKeyWithClickEvents: the list is the way by keys */
function Dot({ x, y, summary, reach }: DotProps) {
  const { id, outcome } = summary
  const isOpen = place.value.request === id
  const isMarked = isOpen || pointed.value === id
  const half = Math.min(9, reach / 2)
  return (
    <g
      class={`dot ${outcome}`}
      data-request={id}
      onClick={() => go(placeOf(hrefOfRequest(id)))}
      onMouseEnter={() => (pointed.value = id)}
      onMouseLeave={() => (pointed.value = null)}
    >
      <title>{`#${id} ${summary.operation ?? summary.path} ${shownOutcome(summary).spoken}`}</title>
      <rect x={x - half} y={y - half} width={half * 2} height={half * 2} fill="transparent" />
      {outcome === 'refused' ? (
        <path class="shape" d={`M${x - 3.5} ${y - 3.5}l7 7M${x + 3.5} ${y - 3.5}l-7 7`} />
      ) : (
        <circle class="shape" cx={x} cy={y} r={outcome === 'accepted' ? 3.5 : 3} />
      )}
      {isMarked && <rect class="ring" x={x - 9} y={y - 9} width="18" height="18" rx="5" opacity={isOpen ? 1 : 0.5} />}
    </g>
  )
}
/* biome-ignore-end lint/a11y/useKeyWithClickEvents: see above */
/* biome-ignore-end lint/a11y/noStaticElementInteractions: see above */
