import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passing } from 'node:timers/promises'
import type { Seed } from '../../schemas/seed.ts'
import { clientOf, done } from '../client.ts'
import type { Dice } from '../dice.ts'
import { diceOf } from '../dice.ts'
import type { Emulator, Loaded } from '../emulator.ts'
import { load } from '../emulator.ts'
import type { Plan } from '../plan.ts'
import type { Verdict } from '../verdict.ts'
import { Doubts, grouped } from '../verdict.ts'
import { contentOf } from './rows.ts'
import { Writer } from './writer.ts'

const writersPerDatabase = 4
const killsPerDatabase = 25
/** A kill falls this long after the writers began, at most. */
const longestMillis = 200

/** Emulators killed at random instants, a few after another on the same file. */
export async function killAtRandom(plan: Plan): Promise<Verdict> {
  const doubts = new Doubts()
  const dice = diceOf(plan.seed)
  const sum = { acknowledged: 0, unanswered: 0, done: 0 }
  let spare = load(plan.watch)
  /** The next one loads while this one is tormented. */
  const next = (): Promise<Loaded> => {
    const loaded = spare
    spare = load(plan.watch)
    return loaded
  }
  for (let killed = 0; killed < plan.runs; killed += killsPerDatabase) {
    const writers = await torment(plan, Math.min(killsPerDatabase, plan.runs - killed), dice.child(), next, doubts)
    for (const writer of writers) {
      sum.acknowledged += writer.acknowledged
      sum.unanswered += writer.unanswered
      sum.done += writer.doneUnanswered
    }
    plan.tell(`crash: ${Math.min(plan.runs, killed + killsPerDatabase)} kills, ${sum.acknowledged} writes acknowledged`)
  }
  ;(await spare).kill()
  const answers = `${grouped(sum.acknowledged)} writes acknowledged, ${sum.unanswered} unanswered (${sum.done} done)`
  return { what: 'crash: SIGKILL at random instants', much: `${plan.runs} kills, ${answers}`, against: doubts.list }
}

/** One database, and one emulator after another on it. */
async function torment(plan: Plan, kills: number, dice: Dice, next: () => Promise<Loaded>, doubts: Doubts) {
  const folder = mkdtempSync(join(plan.folder, 'kills-'))
  const file = join(folder, 'emulator.db')
  const ids = { seen: new Set<string>(), highest: 0n }
  const names = Array.from({ length: writersPerDatabase }, (_, index) => `user-${index}`)
  const writers = names.map((name) => new Writer(name, dice.child(), ids, doubts))
  for (let kill = 0; kill <= kills; kill += 1) {
    const isEarly = kill < kills && dice.chance(0.1)
    const loaded = await next()
    const started = loaded.start({ args: ['--db', file, '--seed', 'none'] })
    if (isEarly) setTimeout(() => loaded.kill(), dice.below(60))
    const emulator = await started
    if ('url' in emulator) await live(emulator, writers, plan, doubts, kill < kills ? dice : undefined)
    else doubts.claim(isEarly && emulator.signal === 'SIGKILL', () => `start ${kill} ended with ${emulator.code}`)
    for (const damage of contentOf(file, folder).damage) doubts.add(`after kill ${kill}: ${damage}`)
  }
  rmSync(folder, { recursive: true })
  return writers
}

/** Checks, writes and dies; without chance to die by, it only checks and ends in peace. */
async function live(
  emulator: Emulator,
  writers: readonly Writer[],
  plan: Plan,
  doubts: Doubts,
  dice: Dice | undefined,
) {
  const clients = writers.map(() => clientOf(emulator.url, plan.watch))
  const [first] = clients
  if (first === undefined) return
  try {
    const document = await done<Seed>(first, { method: 'GET', path: '!/_emulator/worlds/default/state' })
    for (const writer of writers) writer.check(document)
    for (const writer of writers) await writer.read(first)
    const writing = dice ? writers.map((writer, index) => writer.writeOn(clients[index] ?? first)) : []
    if (dice) await passing(dice.below(longestMillis))
    await emulator.end(dice ? 'SIGKILL' : 'SIGTERM')
    await Promise.all(writing)
  } catch (error) {
    // One that was killed early may still have listened.
    doubts.claim((await emulator.end('SIGKILL')).signal === 'SIGKILL', () => String(error))
  } finally {
    for (const client of clients) client.close()
  }
}
