import { findBase, installBase, NoBase } from './base.ts'
import type { Judgement, SetRatios } from './guard-verdict.ts'
import { judge } from './guard-verdict.ts'
import { emulator, inMemory, install } from './installed.ts'
import { page } from './lists.ts'
import { machine } from './machine.ts'
import { mixed } from './mixed.ts'
import { describeMachine, table } from './report.ts'
import type { Lane, Measured } from './rounds.ts'
import { measure, ratio } from './rounds.ts'
import { written } from './statistics.ts'
import { addRecords, batchOf, compareAndSet } from './workloads.ts'

const versions = ['base', 'now', 'base again'] as const
type Version = (typeof versions)[number]

const workloads = [
  { what: 'compare-and-set', work: compareAndSet, count: 500 },
  { what: 'a page of 20 records', work: page, count: 150 },
  { what: 'scopes in batches of 10', work: batchOf(10), count: 100 },
  { what: 'all operations mixed', work: mixed, count: 310 },
] as const

const laneName = (what: string, version: Version): string => `${what}: ${version}`

/** Of each workload, all three builds right after one another. */
function lanesOf(commands: Readonly<Record<Version, string>>): Lane[] {
  const programs = versions.map((version) => ({ version, program: emulator(commands[version], version, ...inMemory) }))
  return workloads.flatMap(({ what, work, count }) =>
    programs.map(({ version, program }) => ({
      name: laneName(what, version),
      program,
      prepare: async (url: string) => void (await addRecords(url, 20)),
      work,
      count,
    })),
  )
}

function ratiosOf(all: ReadonlyMap<string, Measured>, what: string): SetRatios {
  const against = (version: Version) => ratio(all, laneName(what, version), laneName(what, 'base')).median
  return { now: against('now'), again: against('base again') }
}

/** How long sets are begun, in milliseconds; the one that is begun last ends later. */
const patienceMillis = 105_000
const leastSets = 4

/** Sets of processes, again and again for two minutes, for one process is luckier than another. */
async function measureSets(lanes: readonly Lane[]): Promise<Map<string, SetRatios[]>> {
  const found = new Map(workloads.map(({ what }) => [what as string, [] as SetRatios[]]))
  const begin = performance.now()
  for (let set = 0; set < leastSets || performance.now() - begin < patienceMillis; set += 1) {
    process.stderr.write(`set ${set + 1} …\n`)
    const all = await measure(lanes, { sets: 1, rounds: 4, warmUp: 3 })
    for (const [what, sets] of found) sets.push(ratiosOf(all, what))
  }
  return found
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** From here on, no difference found is none that could have been found. */
const tooNoisy = 0.1

function answerTo({ ratio, noise, isSlower }: Judgement): string {
  if (isSlower) return '**slower**'
  if (ratio > 1 + noise) return 'faster'
  return noise > tooNoisy ? 'too noisy to tell' : 'no difference'
}

function print(judgements: ReadonlyMap<string, Judgement>, sets: number): void {
  const rows = [...judgements].map(([what, found]) => [
    what,
    written(found.ratio),
    percent(found.noise),
    answerTo(found),
  ])
  const heads = ['per second of server CPU', 'now against then', 'noise', 'verdict']
  process.stdout.write(`${table(heads, rows)}\n\nOf ${sets} sets of processes. ${describeMachine(machine())}.\n`)
}

/**
 * Compares the product as it is here, changes that are not committed included, with a commit or the last release.
 *
 * @returns the exit status: 1 where it is slower than the noise explains, 2 where there is nothing to compare with
 */
export async function guard(commit: string | undefined): Promise<number> {
  try {
    const base = findBase(commit)
    process.stdout.write(`Compared with ${base.title}.\n\n`)
    process.stderr.write('building …\n')
    const command = installBase(base)
    const sets = await measureSets(lanesOf({ now: install(), base: command, 'base again': command }))
    const judgements = new Map([...sets].map(([what, ratios]) => [what, judge(ratios)]))
    print(judgements, [...sets.values()][0]?.length ?? 0)
    return [...judgements.values()].some(({ isSlower }) => isSlower) ? 1 : 0
  } catch (error) {
    if (!(error instanceof NoBase)) throw error
    process.stderr.write(`${error.message}.\n`)
    return 2
  }
}
