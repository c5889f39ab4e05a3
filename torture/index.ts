import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concurrency } from './concurrency.ts'
import { crash } from './crash.ts'
import { explain } from './explain.ts'
import { gauntletTrials } from './gauntlet.ts'
import { hostile } from './hostile.ts'
import { journals } from './journals.ts'
import type { Discipline, Plan } from './plan.ts'
import { readPlan, usage } from './plan.ts'
import { review } from './review.ts'
import { secrets } from './secrets.ts'
import { soak } from './soak.ts'
import { upgrades } from './upgrades.ts'
import { uploads } from './uploads.ts'
import type { Verdict } from './verdict.ts'
import { tableOf } from './verdict.ts'
import { Watch } from './watch.ts'

/*
 * The claim is the output: nothing acknowledged is lost, nothing unacknowledged is half done, whatever happens to the emulator.
 * Ends in a table of verdicts; exit status 1 where one of them fails, 2 for wrong usage.
 */

const disciplines: Readonly<Record<string, Discipline>> = {
  crash,
  concurrency,
  hostile,
  explain,
  soak,
  review,
  journals,
  secrets,
  upgrades,
  uploads,
  gauntlet: gauntletTrials,
}

async function run(discipline: Discipline, plan: Plan, name: string): Promise<Verdict[]> {
  try {
    return await discipline(plan)
  } catch (error) {
    return [{ what: name, much: 'broken off', against: [error instanceof Error ? (error.stack ?? '') : String(error)] }]
  }
}

async function torture(plan: Plan, names: readonly string[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const name of names) {
    const discipline = disciplines[name]
    if (discipline === undefined) throw new Error(`there is no discipline ${name}`)
    const since = performance.now()
    verdicts.push(...(await run(discipline, plan, name)))
    plan.tell(`${name}: ${((performance.now() - since) / 1000).toFixed(0)} s`)
  }
  const much = `${plan.watch.amount} of answers, logs and dumps`
  return [...verdicts, { what: 'secrets: no canary in any output of this run', much, against: plan.watch.found }]
}

async function main(args: readonly string[]): Promise<number> {
  const { names, help, ...amounts } = readPlan(args)
  if (help) process.stdout.write(usage(Object.keys(disciplines)))
  if (help) return 0
  const folder = mkdtempSync(join(tmpdir(), 'koodrive-torture-'))
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  const plan = { ...amounts, watch: new Watch(), folder, tell }
  process.stdout.write(`seed ${plan.seed}${plan.short ? ', short form' : ''}\n`)
  try {
    const verdicts = await torture(plan, names.length > 0 ? names : Object.keys(disciplines))
    process.stdout.write(`\n${tableOf(verdicts)}`)
    for (const { what, against } of verdicts)
      for (const words of against) process.stdout.write(`\n${what}:\n${words}\n`)
    return verdicts.every(({ against }) => against.length === 0) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const status = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  return 2
})
process.exit(status) // whatever a broken discipline may have left open
