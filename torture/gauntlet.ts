import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { besideDefaults } from '../cli/command-line.ts'
import type { RunClient } from '../gauntlet/attempt.ts'
import { commandAttempt } from '../gauntlet/command-attempt.ts'
import type { GauntletCourse } from '../gauntlet/course.ts'
import type { Depth } from '../gauntlet/depth.ts'
import { functionAttempt } from '../gauntlet/function-attempt.ts'
import type { GauntletOutcome } from '../gauntlet/gauntlet.ts'
import { runGauntlet } from '../gauntlet/gauntlet.ts'
import type { Bug, PlantedBug } from '../test/gauntlet/fixtures/bugs.ts'
import { plantedBugs } from '../test/gauntlet/fixtures/bugs.ts'
import { backUp } from '../test/gauntlet/fixtures/sample-client.ts'
import { sampleSeed } from '../test/gauntlet/fixtures/seed.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts, grouped } from './verdict.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../test/gauntlet/fixtures/${name}`, import.meta.url))

/** Careful clients of several styles: none has a failure. */
const commands: Readonly<Record<string, readonly string[]>> = {
  'one shot': [process.execPath, fixture('one-shot.mjs')],
  parallel: [process.execPath, fixture('parallel.mjs')],
  'a test suite': [process.execPath, '--test', fixture('suite.mjs')],
  'in Python': ['python3', fixture('backup.py')],
}

const usual: GauntletCourse = {
  depth: 'quick',
  only: [],
  skip: [],
  pairs: false,
  strict: false,
  jobs: 2,
  failFast: false,
  patienceMillis: undefined,
  mostCalls: undefined,
  withHar: false,
  withWorlds: false,
}

/** The gauntlet itself: careful clients are never blamed, and every planted bug is found, at its depth and by that alone. */
export async function gauntletTrials(plan: Plan): Promise<Verdict[]> {
  const seed = join(plan.folder, 'gauntlet-seed.json')
  writeFileSync(seed, JSON.stringify(sampleSeed))
  const only = plan.short ? ['createBackupRecord#1:lose-answer', 'all:reversed'] : []
  const run = (attempt: RunClient, course: Partial<GauntletCourse>, hasSeed = true): Promise<GauntletOutcome> =>
    runGauntlet(
      {
        settings: { ...besideDefaults, ...(hasSeed ? { seed, devices: 'strict' } : {}) },
        user: '1001',
        attempt,
        signal: new AbortController().signal,
      },
      { ...usual, only, ...course },
    )
  return [await carefulClients(plan, run), await plantedOnes(plan, run)]
}

type RunOne = (attempt: RunClient, course: Partial<GauntletCourse>, hasSeed?: boolean) => Promise<GauntletOutcome>

const sample = (...bugs: Bug[]): RunClient => functionAttempt((place) => backUp(place, new Set(bugs)))

async function carefulClients(plan: Plan, run: RunOne): Promise<Verdict> {
  const doubts = new Doubts()
  let trials = 0
  const look = async (name: string, attempt: RunClient, course: Partial<GauntletCourse>, hasSeed: boolean) => {
    const outcome = await run(attempt, course, hasSeed)
    trials += outcome.trials.length
    plan.tell(`gauntlet: ${name}, ${JSON.stringify(course)}: ${outcome.trials.length} runs`)
    for (const { verdict, example } of outcome.groups)
      doubts.add(`${name}, ${JSON.stringify(course)}: ${verdict} ${example.adversity.id}: ${example.why.join('; ')}`)
    return outcome
  }
  const depths: readonly Depth[] = plan.short ? ['quick'] : ['quick', 'usual', 'all']
  const rounds: readonly Partial<GauntletCourse>[] = [
    ...(plan.short ? [2] : [1, 2, 4]).map((jobs) => ({ jobs })),
    ...depths.slice(1).map((depth) => ({ depth })),
  ]
  /** The same client, round after round: what befell it once ends as it ended then. */
  const lookAgain = async (name: string, attempt: RunClient, hasSeed: boolean) => {
    const seen = new Map<string, string>()
    for (const course of rounds) {
      const { trials: own } = await look(name, attempt, course, hasSeed)
      for (const { adversity, verdict } of own) {
        const before = seen.get(adversity.id) ?? verdict
        seen.set(adversity.id, before)
        doubts.claim(
          before === verdict,
          () => `${name}, ${JSON.stringify(course)}: ${adversity.id} is ${verdict} and was ${before}`,
        )
      }
    }
  }
  await lookAgain('with retries', sample(), true)
  for (const depth of depths) await look('with retries', sample(), { depth, pairs: true, strict: true }, true)
  const options = { templates: [], inherited: process.env, processes: '/proc' }
  for (const [name, command] of plan.short ? [] : Object.entries(commands))
    await lookAgain(name, commandAttempt(command, options), false)
  return { what: 'gauntlet: careful clients are never blamed', much: `${grouped(trials)} runs`, against: doubts.list }
}

async function plantedOnes(plan: Plan, run: RunOne): Promise<Verdict> {
  const doubts = new Doubts()
  const bugs = (Object.entries(plantedBugs) as [Bug, PlantedBug][]).slice(0, plan.short ? 1 : undefined) // its keys are bugs
  for (const [bug, { verdicts, by, seenAt, groups: told = 1 }] of bugs) {
    const course = { depth: 'quick', pairs: by === 'pairs', strict: by === 'strict' } as const
    const { groups } = await run(sample(bug), course)
    if (by !== 'quick') {
      const { groups: without } = await run(sample(bug), { depth: 'quick' })
      doubts.claim(without.length === 0, () => `${bug} is found without --${by}, too`)
    }
    const ids = groups.flatMap(({ trials }) => trials.map(({ adversity }) => adversity.id))
    const others = groups.filter(({ verdict }) => !verdicts.includes(verdict))
    plan.tell(`gauntlet: ${bug}: ${groups.map(({ verdict, trials }) => `${verdict} ${trials.length}`).join(', ')}`)
    doubts.claim(
      ids.some((id) => seenAt.test(id)),
      () => `${bug} is not seen at ${seenAt}: ${ids.join(', ')}`,
    )
    if (!plan.short)
      doubts.claim(groups.length === told, () => `${bug} is told as ${groups.length} reasons, not ${told}`)
    doubts.claim(
      others.length === 0,
      () =>
        `${bug} also gives ${others.map(({ verdict, example }) => `${verdict} ${example.adversity.id}: ${example.why[0]}`).join('; ')}`,
    )
  }
  return {
    what: 'gauntlet: every planted bug is found, and nothing else',
    much: `${bugs.length} bugs`,
    against: doubts.list,
  }
}
