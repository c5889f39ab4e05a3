import type { Client } from './client.ts'
import { clientOf, done } from './client.ts'
import type { Emulator } from './emulator.ts'
import { startEmulator } from './emulator.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts, grouped } from './verdict.ts'

const heap = '--max-old-space-size=512'
/** A journal that has so many requests like this one is full, and has dropped some. */
const requestsPerWorld = 40
const body = JSON.stringify({ machineCode: 'M', ignored: 'i'.repeat(16_000) })
const connections = 6
/** Reading takes that long at most, while others write: a collection of the whole heap on a busy machine included. */
const patienceMillis = 1000

interface Page {
  readonly requests: readonly unknown[]
  readonly dropped: number
}

/** As many worlds as there may be, each with a full journal, in little memory: the process lives, answers, and owns up. */
export async function journals(plan: Plan): Promise<Verdict[]> {
  return [
    await fill(plan, plan.worlds, [], 'journals: worlds with full ones, in 512 MB'),
    await fill(plan, Math.min(plan.worlds, 100), ['--journal', '4M'], 'journals: the same with --journal 4M'),
  ]
}

async function fill(plan: Plan, worlds: number, args: readonly string[], what: string): Promise<Verdict> {
  const doubts = new Doubts()
  const emulator = await startEmulator(plan.watch, ['--db', ':memory:', ...args], [heap])
  const clients = Array.from({ length: connections }, () => clientOf(emulator.url, plan.watch))
  const waiting = Array.from({ length: worlds }, (_, index) => `full-${index}`)
  await Promise.all(clients.map((client) => fillAll(client, waiting)))
  const reader = clientOf(emulator.url, plan.watch)
  const { kept, slowest } = await read(reader, worlds, doubts)
  const { heapBytes, residentBytes } = await emulator.tell({})
  for (const client of [reader, ...clients]) client.close()
  await endWell(emulator, doubts)
  const sizes = `${(heapBytes / 1e6).toFixed(0)} MB, resident ${(residentBytes / 1e6).toFixed(0)} MB`
  const much = `${grouped(worlds)} worlds, ${grouped(kept)} entries kept, ${sizes}, reads ${slowest.toFixed(0)} ms`
  return { what, much, against: doubts.list }
}

async function fillAll(client: Client, waiting: string[]): Promise<void> {
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (let count = 0; count < requestsPerWorld; count += 1)
      await done(client, { method: 'POST', path: `!/worlds/${name}/koodrive/ose/v1/backup/device`, body })
  }
}

/** Every world says how many it kept and dropped, and none takes long; nor does the health check. */
async function read(client: Client, worlds: number, doubts: Doubts) {
  let [kept, slowest] = [0, 0]
  const timed = async <Answer>(path: string): Promise<Answer> => {
    const begun = performance.now()
    const answer = await done<Answer>(client, { method: 'GET', path: `!/_emulator${path}` })
    slowest = Math.max(slowest, performance.now() - begun)
    return answer
  }
  for (let index = 0; index < worlds; index += 1) {
    const world = `/worlds/full-${index}/requests`
    const { dropped } = await timed<Page>(`${world}?limit=1`)
    const { count } = await timed<{ count: number }>(`${world}/count`)
    kept += count
    doubts.claim(count + dropped === requestsPerWorld, () => `${world}: ${count} kept, ${dropped} dropped`)
    if (index % 50 === 0) await timed('/health')
  }
  doubts.claim(kept > 0, () => 'nothing was kept')
  doubts.claim(slowest < patienceMillis, () => `reading took ${slowest.toFixed(0)} ms`)
  return { kept, slowest }
}

async function endWell(emulator: Emulator, doubts: Doubts): Promise<void> {
  const { code } = await emulator.end('SIGTERM')
  doubts.claim(code === 0, () => `it ended with ${code}: ${emulator.output()}`)
}
