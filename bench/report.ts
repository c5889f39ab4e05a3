import type { Upkeep } from './growth.ts'
import type { Machine } from './machine.ts'
import type { Measured } from './rounds.ts'
import type { Starts } from './start.ts'
import { written, writtenFigure } from './statistics.ts'
import type { Verdict } from './verdict.ts'

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')

export const describeMachine = ({ cpu, cores, memory, system, node, date }: Machine): string =>
  `${cpu}, ${cores} cores, ${memory}, ${system}, Node.js ${node}, ${date}`

export const verdictTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['what', 'target', 'found: median (least–most)', 'met'],
    verdicts.map(({ what, target, figure, isMet }) => [what, target, writtenFigure(figure), isMet ? 'yes' : '**no**']),
  )

export const throughputTable = (all: ReadonlyMap<string, Measured>): string =>
  table(
    ['what', 'per second of server CPU', 'per second', 'resident, MB'],
    [...all].map(([name, { perCpu, perSecond, rss }]) => [
      name,
      writtenFigure(perCpu),
      writtenFigure(perSecond),
      mega(rss),
    ]),
  )

const mega = (bytes: number): string => written(bytes / 1e6)

export const startTable = (starts: ReadonlyMap<string, Starts>): string =>
  table(
    ['what', 'start to first 200, ms', 'idle, MB'],
    [...starts].map(([name, { millis, idle }]) => [name, writtenFigure(millis), mega(idle.median)]),
  )

export const upkeepTable = (upkeep: readonly Upkeep[]): string =>
  table(
    ['size', 'snapshot, ms', 'reset, ms', 'resident, MB'],
    upkeep.map(({ size, snapshotMillis, resetMillis, rss }) => [
      size,
      written(snapshotMillis),
      written(resetMillis),
      mega(rss),
    ]),
  )

/** How the figures came about, for whoever reads them without the benchmark's README. */
export const method = `Throughput is requests, or rows, per second of the server's own CPU time. Everything is measured in turns, over several
sets of processes. A ratio is the median of the rounds' ratios, each of two measurements right after one another.`
