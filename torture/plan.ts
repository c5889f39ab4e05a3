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
  /** Requests that are explained, then sent. */
  readonly questions: number
  /** Of correct clients, for the review. */
  readonly interleavings: number
  /** Whose journals are filled. */
  readonly worlds: number
  /** Of the part that is uploaded in little memory. */
  readonly gigabytes: number
  /** Of one upload. */
  readonly parts: number
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

const long: Amounts = {
  runs: 500,
  operations: 100_000,
  requests: 200_000,
  minutes: 10,
  questions: 20_000,
  interleavings: 1000,
  worlds: 1000,
  gigabytes: 5,
  parts: 10_000,
}
const short: Amounts = {
  runs: 1,
  operations: 600,
  requests: 600,
  minutes: 0.02,
  questions: 300,
  interleavings: 3,
  worlds: 4,
  gigabytes: 0.05,
  parts: 300,
}

const options = {
  seed: { type: 'string' },
  short: { type: 'boolean', default: false },
  runs: { type: 'string' },
  operations: { type: 'string' },
  requests: { type: 'string' },
  minutes: { type: 'string' },
  questions: { type: 'string' },
  interleavings: { type: 'string' },
  worlds: { type: 'string' },
  gigabytes: { type: 'string' },
  parts: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export const usage = (names: readonly string[]): string =>
  `npm run torture -- [NAME …] [--seed N] [--short] [--runs N] [--operations N] [--requests N] [--minutes N]
                   [--questions N] [--interleavings N] [--worlds N] [--gigabytes N] [--parts N]

Without a name, all: ${names.join(', ')}.
--runs is for crash, --operations for concurrency, --requests for hostile, --minutes for soak, --questions for explain,
--interleavings for review, --worlds for journals, --gigabytes and --parts for uploads.
`

function amount(name: string, text: string | undefined, usual: number): number {
  const number = text === undefined ? usual : Number(text)
  if (Number.isFinite(number) && number >= 0) return number
  throw new Error(`--${name} takes a number, not "${text}"`)
}

export type Asked = ReturnType<typeof readPlan>

/**
 * What the command line asks for.
 *
 * @param known the names of all disciplines
 * @throws Error in words for people
 */
export function readPlan(args: readonly string[], known: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const unknown = positionals.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`there is no discipline ${unknown}; there are ${known.join(', ')}`)
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
    questions: amount('questions', values.questions, usual.questions),
    interleavings: amount('interleavings', values.interleavings, usual.interleavings),
    worlds: amount('worlds', values.worlds, usual.worlds),
    gigabytes: amount('gigabytes', values.gigabytes, usual.gigabytes),
    parts: amount('parts', values.parts, usual.parts),
  }
}
