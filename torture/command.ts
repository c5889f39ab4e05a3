import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concurrency } from './concurrency.ts'
import { crash } from './crash.ts'
import { explain } from './explain.ts'
import { gauntletTrials } from './gauntlet.ts'
import { hostile } from './hostile.ts'
import { journals } from './journals.ts'
import type { Asked, Discipline, Plan } from './plan.ts'
import { readPlan, usage } from './plan.ts'
import { review } from './review.ts'
import { secrets } from './secrets.ts'
import { soak } from './soak.ts'
import { upgrades } from './upgrades.ts'
import { uploads } from './uploads.ts'
import type { Verdict } from './verdict.ts'
import { tableOf } from './verdict.ts'
import { Watch } from './watch.ts'

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

async function verdictsOf(plan: Plan, names: readonly string[]): Promise<Verdict[]> {
  const chosen = Object.entries(disciplines).filter(([name]) => names.length === 0 || names.includes(name))
  const verdicts: Verdict[] = []
  for (const [name, discipline] of chosen) {
    const since = performance.now()
    verdicts.push(...(await run(discipline, plan, name)))
    plan.tell(`${name}: ${((performance.now() - since) / 1000).toFixed(0)} s`)
  }
  const much = `${plan.watch.amount} of answers, logs and dumps`
  return [...verdicts, { what: 'secrets: no canary in any output of this run', much, against: plan.watch.found }]
}

/** Where a command writes. */
type Outputs = Readonly<Record<'stdout' | 'stderr', { write(text: string): unknown }>>

async function judge({ names, help: _, ...amounts }: Asked, { stdout, stderr }: Outputs): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'koodrive-torture-'))
  const tell = (line: string) => void stderr.write(`${line}\n`)
  const plan = { ...amounts, watch: new Watch(), folder, tell }
  stdout.write(`seed ${plan.seed}${plan.short ? ', short form' : ''}\n`)
  try {
    const verdicts = await verdictsOf(plan, names)
    stdout.write(`\n${tableOf(verdicts)}`)
    for (const { what, against } of verdicts) for (const words of against) stdout.write(`\n${what}:\n${words}\n`)
    return verdicts.every(({ against }) => against.length === 0) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The command `npm run torture`. The claim is the output: nothing acknowledged is lost, nothing unacknowledged is half done,
 * whatever happens to the emulator. Ends in a table of verdicts.
 *
 * @returns the exit status: 1 where one of them fails, 2 for wrong usage
 */
export async function torture(args: readonly string[], outputs: Outputs): Promise<number> {
  const known = Object.keys(disciplines)
  let asked: Asked
  try {
    asked = readPlan(args, known)
  } catch (error) {
    outputs.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 2
  }
  if (!asked.help) return judge(asked, outputs)
  outputs.stdout.write(usage(known))
  return 0
}
