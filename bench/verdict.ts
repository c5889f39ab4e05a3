import { scopesName, worldsName } from './growth.ts'
import type { Peer } from './peers.ts'
import type { Measured } from './rounds.ts'
import { ratio } from './rounds.ts'
import type { Starts } from './start.ts'
import { startNames } from './start.ts'
import type { Figure } from './statistics.ts'
import { figureOf } from './statistics.ts'
import { names } from './throughput.ts'

/** A target, and what was found. */
export interface Verdict {
  readonly what: string
  readonly target: string
  readonly figure: Figure
  readonly isMet: boolean
}

const atLeast = (what: string, target: number, figure: Figure): Verdict => ({
  what,
  target: `≥ ${target.toFixed(2)}`,
  figure,
  isMet: figure.median >= target,
})

const atMost = (what: string, target: number, figure: Figure): Verdict => ({
  what,
  target: `≤ ${target.toFixed(2)}`,
  figure,
  isMet: figure.median <= target,
})

const changeOn = (store: string): string => `${store}: compare-and-set`

/** Of each round, against whichever of these was the fastest over all rounds. */
function againstFastest(all: ReadonlyMap<string, Measured>, peers: readonly Peer[]): Verdict {
  const speed = ({ name }: Peer): number => all.get(name)?.perCpu.median ?? 0
  const fastest = peers.toSorted((one, other) => speed(other) - speed(one))[0]?.name ?? ''
  return atLeast(`compare-and-set against ${fastest}`, 4, ratio(all, changeOn(names.memory), fastest))
}

export function throughputVerdicts(all: ReadonlyMap<string, Measured>, peers: readonly Peer[]): Verdict[] {
  const memory = changeOn(names.memory)
  const refusal = (what: string): string => `${names.memory}: refusal: ${what}`
  return [
    atLeast('compare-and-set in memory against bare `node:http`', 0.5, ratio(all, memory, names.bare)),
    atLeast('the same without log and journal', 0.7, ratio(all, names.quiet, names.bare)),
    atLeast('compare-and-set on a file against in memory', 0.85, ratio(all, changeOn(names.file), memory)),
    atLeast(
      'rows in batches of 100 against better-sqlite3 alone',
      0.5,
      ratio(all, `${names.memory}: scopes in batches of 100, rows`, names.sqliteRows),
    ),
    atLeast('a refusal (mismatch) against a success', 1, ratio(all, refusal('mismatch'), memory)),
    atLeast('a refusal (bad header) against a success', 1, ratio(all, refusal('bad header'), memory)),
    againstFastest(
      all,
      peers.filter(({ compares }) => compares),
    ),
    againstFastest(
      all,
      peers.filter(({ compares }) => !compares),
    ),
  ]
}

function startRatio(
  starts: ReadonlyMap<string, Starts>,
  of: (starts: Starts) => readonly number[],
  base: string = startNames.bare,
): Figure {
  const [installed, bare] = [starts.get(startNames.installed), starts.get(base)]
  const below = bare ? of(bare) : []
  return figureOf((installed ? of(installed) : []).map((value, turn) => value / (below[turn] ?? Number.NaN)))
}

export const startVerdicts = (starts: ReadonlyMap<string, Starts>): Verdict[] => [
  atMost(
    'start to first 200 against bare `node:http`',
    2,
    startRatio(starts, ({ startTimes }) => startTimes),
  ),
  atMost(
    'idle memory against bare `node:http`',
    1.35,
    startRatio(starts, ({ idleSizes }) => idleSizes),
  ),
]

export function growthVerdicts(
  all: ReadonlyMap<string, Measured>,
  scopes: readonly number[],
  worlds: readonly number[],
): Verdict[] {
  const [fewest = 0, most = 0] = [scopes[0], scopes.at(-1)]
  const larger = ['compare-and-set', 'scopes in batches of 10'].map((what) =>
    atMost(
      `cost of ${what} with ${most.toLocaleString('en')} scopes against ${fewest.toLocaleString('en')}`,
      1.2,
      ratio(all, scopesName(what, fewest), scopesName(what, most)),
    ),
  )
  const crowd = worlds.at(-1) ?? 0
  const what = `cost of compare-and-set with ${crowd.toLocaleString('en')} worlds against 1`
  return [...larger, atMost(what, 1.2, ratio(all, worldsName(1), worldsName(crowd)))]
}
