import { writeFileSync } from 'node:fs'
import { control } from './control.ts'
import { growth } from './growth.ts'
import { install } from './installed.ts'
import { machine } from './machine.ts'
import type { Options, PartName } from './options.ts'
import { pages } from './pages.ts'
import type { Part, Setting } from './part.ts'
import { describeMachine, method, verdictTable } from './report.ts'
import { start } from './start.ts'
import { suite } from './suite.ts'
import { throughput } from './throughput.ts'
import { worlds } from './worlds.ts'

const parts: Readonly<Record<PartName, (setting: Setting) => Promise<Part>>> = {
  throughput,
  pages,
  start,
  growth,
  worlds,
  control,
  suite,
}

const print = (text: string): void => void process.stdout.write(`${text}\n\n`)

/** Measures parts, prints their tables with the targets last, and keeps every figure. Returns the exit status. */
export async function benchmark(options: Options): Promise<number> {
  const setting = { command: install(), quick: options.quick }
  const done: Partial<Record<PartName, Part>> = {}
  for (const name of options.parts) {
    process.stderr.write(`${name} …\n`)
    done[name] = await parts[name](setting)
  }
  const verdicts = Object.values(done).flatMap((part) => part.verdicts)
  for (const { tables } of Object.values(done)) {
    for (const [title, table] of Object.entries(tables)) print(`### ${title}\n\n${table}`)
  }
  print(method)
  print(`Measured on: ${describeMachine(machine())}${options.quick ? ', with few rounds (--quick)' : ''}.`)
  print(`### Verdict\n\n${verdictTable(verdicts)}`)
  writeFileSync(options.json, `${JSON.stringify({ machine: machine(), verdicts, ...done }, null, 2)}\n`)
  return options.strict && verdicts.some(({ isMet }) => !isMet) ? 1 : 0
}
