import type { Machine } from './machine.ts'
import type { Measured } from './rounds.ts'
import { written, writtenFigure } from './statistics.ts'
import type { Verdict } from './verdict.ts'

export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')

export const describeMachine = ({ cpu, cores, memory, system, node, date }: Machine): string =>
  `${cpu}, ${cores} cores, ${memory}, ${system}, Node.js ${node}, ${date}`

const answerTo = ({ target, isMet }: Verdict): string => {
  if (target === undefined) return ''
  return isMet ? 'yes' : '**no**'
}

export const verdictTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['what', 'target', 'found: median (least–most)', 'two that are the same', 'met'],
    verdicts.map((verdict) => [
      verdict.what,
      verdict.target ?? 'reported',
      writtenFigure(verdict.figure),
      verdict.noise === undefined ? '' : writtenFigure(verdict.noise),
      answerTo(verdict),
    ]),
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

export const mega = (bytes: number): string => written(bytes / 1e6)

/** How the figures came about, for whoever reads them without the benchmark's README. */
export const method = `Throughput is requests, or rows, per second of the server's own CPU time, for a client that never sleeps unless a row
says otherwise. Everything is measured in turns, over several sets of processes. A ratio is the median of the rounds'
ratios, each of two measurements of one round. Beside it: the ratio of two servers that are the same, which is noise.`
