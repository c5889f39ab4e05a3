import { parseArgs } from 'node:util'
import type { Verdict } from './verdict.ts'
import type { Watch } from './watch.ts'

/** How much of each discipline is done. */
export interface Amounts {
  /** Kills at random instants. */
  readonly runs: number
  /** Compare-and-sets and locks judged for linearizability. */
  readonly operations: number
  /** Requests made up from the contracts. */
  readonly requests: number
  /** Of soaking. */
  readonly minutes: number
}

export interface Plan extends Amounts {
  readonly seed: number
  /** Whether it is to take seconds: without processes that are killed one by one. */
  readonly short: boolean
  /** What every discipline shows to be searched for secrets. */
  readonly watch: Watch
  /** A folder for databases, empty at first and removed at the end. */
  readonly folder: string
  /** Tells people how far it is. */
  readonly tell: (line: string) => void
}

export type Discipline = (plan: Plan) => Promise<Verdict[]>

const long: Amounts = { runs: 500, operations: 100_000, requests: 200_000, minutes: 10 }
const short: Amounts = { runs: 1, operations: 600, requests: 600, minutes: 0.02 }

const options = {
  seed: { type: 'string' },
  short: { type: 'boolean', default: false },
  runs: { type: 'string' },
  operations: { type: 'string' },
  requests: { type: 'string' },
  minutes: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export const usage = (names: readonly string[]): string =>
  `npm run torture -- [${names.join('|')} …] [--seed N] [--short] [--runs N] [--operations N] [--requests N] [--minutes N]

Without a name, all of them. --runs is for crash, --operations for concurrency, --requests for hostile, --minutes for soak.
`

function amount(name: string, text: string | undefined, usual: number): number {
  const number = text === undefined ? usual : Number(text)
  if (Number.isFinite(number) && number >= 0) return number
  throw new Error(`--${name} takes a number, not "${text}"`)
}

/**
 * What the command line asks for.
 *
 * @throws Error in words for people
 */
export function readPlan(args: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const usual = values.short ? short : long
  return {
    names: positionals,
    help: values.help,
    short: values.short,
    seed: Math.trunc(amount('seed', values.seed, Math.floor(Math.random() * 2 ** 31))),
    runs: amount('runs', values.runs, usual.runs),
    operations: amount('operations', values.operations, usual.operations),
    requests: amount('requests', values.requests, usual.requests),
    minutes: amount('minutes', values.minutes, usual.minutes),
  }
}
