import { writeFileSync } from 'node:fs'
import { growthLanes, measureUpkeep } from './growth.ts'
import { install } from './installed.ts'
import { machine } from './machine.ts'
import type { PartName } from './options.ts'
import { readOptions } from './options.ts'
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

const options = readOptions()

interface Part {
  readonly verdicts: readonly Verdict[]
  /** Titles and tables. */
  readonly tables: Readonly<Record<string, string>>
  readonly figures: unknown
}

const command = install()

async function throughput(): Promise<Part> {
  installPeers()
  const effort = options.quick ? { sets: 1, rounds: 6, warmUp: 6 } : { sets: 4, rounds: 10, warmUp: 8 }
  const all = await measure(allLanes(command), effort)
  return {
    verdicts: throughputVerdicts(all, peers),
    tables: { Throughput: throughputTable(all) },
    figures: Object.fromEntries(all),
  }
}

async function start(): Promise<Part> {
  const starts = await measureStarts(command, options.quick ? 5 : 20)
  return { verdicts: startVerdicts(starts), tables: { Start: startTable(starts) }, figures: Object.fromEntries(starts) }
}

async function growth(): Promise<Part> {
  const scopes = options.quick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000]
  const worlds = options.quick ? [1, 100] : [1, 100, 1_000]
  const effort = options.quick ? { sets: 1, rounds: 5, warmUp: 4 } : { sets: 2, rounds: 10, warmUp: 8 }
  const all = await measure(growthLanes(command, scopes, worlds), effort)
  const upkeep = await measureUpkeep(command, scopes, worlds)
  return {
    verdicts: growthVerdicts(all, scopes, worlds),
    tables: { Growth: throughputTable(all), Upkeep: upkeepTable(upkeep) },
    figures: { ...Object.fromEntries(all), upkeep },
  }
}

const parts: Readonly<Record<PartName, () => Promise<Part>>> = { throughput, start, growth }
const done: Partial<Record<PartName, Part>> = {}
for (const name of options.parts) {
  process.stderr.write(`${name} …\n`)
  done[name] = await parts[name]()
}

const print = (text: string): void => void process.stdout.write(`${text}\n\n`)
const verdicts = Object.values(done).flatMap((part) => part.verdicts)
for (const { tables } of Object.values(done)) {
  for (const [title, table] of Object.entries(tables)) print(`### ${title}\n\n${table}`)
}
print(`### Verdict\n\n${verdictTable(verdicts)}`)
print(method)
print(`Measured on: ${describeMachine(machine())}${options.quick ? ', with few rounds (--quick)' : ''}.`)
writeFileSync(options.json, `${JSON.stringify({ machine: machine(), verdicts, ...done }, null, 2)}\n`)
process.exitCode = options.strict && verdicts.some(({ isMet }) => !isMet) ? 1 : 0
