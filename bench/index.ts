import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { growthLanes, measureUpkeep } from './growth.ts'
import { install } from './installed.ts'
import { machine } from './machine.ts'
import { installPeers, peers } from './peers.ts'
import { describeMachine, method, startTable, throughputTable, upkeepTable, verdictTable } from './report.ts'
import { measure } from './rounds.ts'
import { measureStarts } from './start.ts'
import { allLanes } from './throughput.ts'
import type { Verdict } from './verdict.ts'
import { growthVerdicts, startVerdicts, throughputVerdicts } from './verdict.ts'

/*
 * How fast the emulator is, in comparison: README.md beside this file says how to read it.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    json: { type: 'string', default: 'bench/results.json' },
  },
})

interface Part {
  readonly verdicts: readonly Verdict[]
  /** Titles and tables. */
  readonly tables: Readonly<Record<string, string>>
  readonly figures: unknown
}

const command = install()

async function throughput(): Promise<Part> {
  installPeers()
  const effort = values.quick ? { sets: 1, rounds: 6, warmUp: 6 } : { sets: 4, rounds: 10, warmUp: 8 }
  const all = await measure(allLanes(command), effort)
  return {
    verdicts: throughputVerdicts(all, peers),
    tables: { Throughput: throughputTable(all) },
    figures: Object.fromEntries(all),
  }
}

async function start(): Promise<Part> {
  const starts = await measureStarts(command, values.quick ? 5 : 20)
  return { verdicts: startVerdicts(starts), tables: { Start: startTable(starts) }, figures: Object.fromEntries(starts) }
}

async function growth(): Promise<Part> {
  const scopes = values.quick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000]
  const worlds = values.quick ? [1, 100] : [1, 100, 1_000]
  const effort = values.quick ? { sets: 1, rounds: 5, warmUp: 4 } : { sets: 2, rounds: 10, warmUp: 8 }
  const all = await measure(growthLanes(command, scopes, worlds), effort)
  const upkeep = await measureUpkeep(command, scopes, worlds)
  return {
    verdicts: growthVerdicts(all, scopes, worlds),
    tables: { Growth: throughputTable(all), Upkeep: upkeepTable(upkeep) },
    figures: { ...Object.fromEntries(all), upkeep },
  }
}

const parts: Readonly<Record<string, () => Promise<Part>>> = { throughput, start, growth }
const chosen = values.only === undefined ? Object.keys(parts) : [values.only]
const done: Record<string, Part> = {}
for (const name of chosen) {
  const part = parts[name]
  if (part === undefined) throw new Error(`--only takes ${Object.keys(parts).join(', ')}`)
  process.stderr.write(`${name} …\n`)
  done[name] = await part()
}

const print = (text: string): void => void process.stdout.write(`${text}\n\n`)
const verdicts = Object.values(done).flatMap((part) => part.verdicts)
for (const { tables } of Object.values(done)) {
  for (const [title, table] of Object.entries(tables)) print(`### ${title}\n\n${table}`)
}
print(`### Verdict\n\n${verdictTable(verdicts)}`)
print(method)
print(`Measured on: ${describeMachine(machine())}${values.quick ? ', with few rounds (--quick)' : ''}.`)
writeFileSync(values.json, `${JSON.stringify({ machine: machine(), verdicts, ...done }, null, 2)}\n`)
process.exitCode = values.strict && verdicts.some(({ isMet }) => !isMet) ? 1 : 0
