import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passing } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Client } from './client.ts'
import { clientOf } from './client.ts'
import type { Emulator } from './emulator.ts'
import { startEmulator } from './emulator.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts, grouped } from './verdict.ts'

/** What answers took within a few seconds, in milliseconds. */
interface Window {
  readonly emulator: number[]
  readonly bare: number[]
}

/** What was seen in one fifth of the time. */
class Fifth {
  readonly windows = new Map<number, Window>()
  readonly heap: number[] = []
  readonly files: number[] = []
  readonly database: number[] = []
  readonly log: number[] = []
}

type Kind = Exclude<keyof Fifth, 'windows'>

const fifthCount = 5
/** Long enough for a slowest hundredth of its own, short enough that the machine has one mood in it. */
const windowMillis = 4000
/** Both servers get a request every so many milliseconds, whether or not they have answered the last one. */
const everyMillis = 4

const at = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN

interface Soaking {
  readonly plan: Plan
  readonly emulator: Emulator
  readonly fifths: readonly Fifth[]
  readonly doubts: Doubts
  readonly until: number
  /** Puts a figure where one of now belongs. */
  note(kind: Kind, figure: number): void
  /** Likewise how long an answer took. */
  took(server: keyof Window, millis: number): void
}

/** Load for minutes, worlds coming and going meanwhile: nothing grows, and nothing slows down. */
export async function soak(plan: Plan): Promise<Verdict[]> {
  const db = join(plan.folder, 'soak.db')
  const bare = fork(fileURLToPath(new URL('bare.ts', import.meta.url)), [], { execArgv: [] })
  const [port] = await once(bare, 'message')
  const emulator = await startEmulator(plan.watch, ['--db', db])
  const soaking = begin(plan, emulator)
  const counts = await Promise.all([
    load(soaking, `http://127.0.0.1:${port}`, 'bare'),
    load(soaking, emulator.url, 'emulator'),
    turnWorlds(soaking),
    sample(soaking, db),
  ])
  bare.kill()
  await emulator.end('SIGTERM')
  soaking.doubts.claim(!/"level":[56]0/.test(emulator.output()), () => `the log has errors: ${emulator.output()}`)
  return judge(soaking, counts[1], counts[2])
}

function begin(plan: Plan, emulator: Emulator): Soaking {
  const fifths = Array.from({ length: fifthCount }, () => new Fifth())
  const length = plan.minutes * 60_000
  // At first, code is still being compiled: nothing is noted so long.
  const begun = performance.now() + Math.min(10_000, length / 4)
  const fifthOfNow = () =>
    fifths[Math.min(fifthCount - 1, Math.floor(((performance.now() - begun) / length) * fifthCount))]
  const note = (kind: Kind, figure: number) => void fifthOfNow()?.[kind].push(figure)
  const took = (server: keyof Window, millis: number) => {
    const windows = fifthOfNow()?.windows
    const number = Math.floor(performance.now() / windowMillis)
    const window = windows?.get(number) ?? { emulator: [], bare: [] }
    windows?.set(number, window)
    window[server].push(millis)
  }
  return { plan, emulator, fifths, doubts: new Doubts(), until: begun + length, note, took }
}

const device = '/device/soak'
const key = (index: number) => ({ moduleCode: '102', configName: `name${index % 100}` })

/** What is asked in turns: a compare-and-set, a batch added, listed and deleted again. */
async function turn(client: Client, index: number): Promise<boolean> {
  const value = 'same'
  if (index % 20 > 0) {
    const body = { ...key(index), currentConfigValue: value, newConfigValue: value }
    return (await client.send({ method: 'PATCH', path: `${device}/config`, body })).status === 200
  }
  const scopeList = Array.from({ length: 20 }, (_, item) => ({ localPath: `/${index}/${item}` }))
  const added = await client.send({ method: 'POST', path: `${device}/scope`, body: { moduleCode: '100', scopeList } })
  const ids = JSON.parse(added.text).scopeList?.map(({ scopeId }: { scopeId: string }) => scopeId) ?? []
  if (ids.length === 0) return added.status === 200
  return (await client.send({ method: 'DELETE', path: `${device}/scope`, body: { scopeIdList: ids } })).status === 200
}

/** @returns how many turns were taken */
async function load({ plan, until, took, doubts }: Soaking, url: string, kind: keyof Window): Promise<number> {
  const clients = Array.from({ length: 8 }, () => clientOf(url, plan.watch))
  const open = new Set<Promise<void>>()
  let count = 0
  for (const begun = performance.now(); performance.now() < until; count += 1) {
    await passing(Math.max(0, begun + count * everyMillis - performance.now()))
    const client = clients[count % clients.length]
    if (client === undefined || open.size >= 200) continue
    const index = count
    const since = performance.now()
    const work = turn(client, index).then((isDone) => {
      if (index % 20 > 0) took(kind, performance.now() - since)
      doubts.claim(isDone, () => `${kind}: turn ${index} was refused`)
    })
    open.add(work)
    void work.finally(() => open.delete(work))
  }
  await Promise.all(open)
  for (const client of clients) client.close()
  return count
}

/** Worlds are made, used, kept, reset and dropped. @returns how many */
async function turnWorlds({ plan, emulator, until, doubts }: Soaking): Promise<number> {
  const client = clientOf(emulator.url, plan.watch)
  const want = async (method: string, path: string, status: number, body?: unknown) => {
    const answer = await client.send({ method, path, ...(body === undefined ? {} : { body }) })
    doubts.claim(answer.status === status, () => `${method} ${path}: ${answer.status} ${answer.text}`)
  }
  let count = 0
  for (; performance.now() < until; count += 1) {
    const world = `!/_emulator/worlds/soak-${count % 7}`
    await want('PUT', world, 201, { seed: 'none' })
    await want('POST', `!/worlds/soak-${count % 7}/koodrive/ose/v1/backup/device`, 200, { machineCode: 'A' })
    await want('POST', `${world}/snapshots/a`, 201)
    await want('POST', `${world}/reset`, 200)
    await want('POST', `${world}/faults`, 201, { operations: '*', effect: { type: 'latency', ms: 1 } })
    await want('GET', `${world}/requests`, 200)
    await want('DELETE', world, 204)
    await passing(20)
  }
  client.close()
  return count
}

async function sample({ plan, emulator, until, note }: Soaking, db: string): Promise<number> {
  // Each sample collects garbage first, which takes a while: too few to count among the slowest hundredth.
  const sampleMillis = Math.min(5000, plan.minutes * 1000)
  let count = 0
  for (; performance.now() < until; count += 1) {
    await passing(Math.min(sampleMillis, Math.max(10, until - performance.now())))
    note('files', readdirSync(`/proc/${emulator.pid}/fd`).length)
    note('database', statSync(db).size)
    note('log', existsSync(`${db}-wal`) ? statSync(`${db}-wal`).size : 0)
    note('heap', (await emulator.tell({})).heapBytes)
  }
  return count
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

function judge({ plan, fifths, doubts }: Soaking, turns: number, worlds: number): Verdict[] {
  const [first, second, last] = [fifths[0], fifths[1], fifths[fifthCount - 1]]
  if (first === undefined || second === undefined || last === undefined) return []
  const flat = (what: string, kind: Kind, slack: number, show: (figure: number) => string): Verdict => {
    const [early, late] = [at(second[kind], 0.5), at(last[kind], 0.5)]
    const against =
      late <= early * 1.1 + slack || (plan.short && Number.isNaN(late))
        ? []
        : [`the median of the last fifth is ${show(late)}, ${show(early)} before`]
    return { what: `soak: ${what}`, much: `${show(early)}, then ${show(late)}`, against }
  }
  const largest = Math.max(...fifths.flatMap(({ log }) => log))
  return [
    {
      what: 'soak: every turn is done',
      much: `${plan.minutes} min, ${grouped(turns)} turns, ${grouped(worlds)} worlds`,
      against: doubts.list,
    },
    flat('memory', 'heap', 3e6, megabytes),
    flat('open files', 'files', 5, String),
    flat('database file', 'database', 1e6, megabytes),
    {
      what: 'soak: log of the database',
      much: `at most ${megabytes(largest)}`,
      against: largest < 16e6 ? [] : ['it is not bounded'],
    },
    slowing(plan, first, last),
  ]
}

/**
 * The emulator's slowest hundredth, last fifth to first, by the same of a bare server. Both are compared within each window, and
 * the median of the windows counts: the machine's moods are no doing of ours.
 */
function slowing({ short }: Plan, first: Fifth, last: Fifth): Verdict {
  const ofWindows = ({ windows }: Fifth, figure: (window: Window) => number) =>
    at([...windows.values()].map(figure), 0.5)
  const relative = (fifth: Fifth) => ofWindows(fifth, ({ emulator, bare }) => at(emulator, 0.99) / at(bare, 0.99))
  const ratio = relative(last) / relative(first)
  const millis = (fifth: Fifth) => `${ofWindows(fifth, ({ emulator }) => at(emulator, 0.99)).toFixed(1)} ms`
  const much = `${millis(first)}, then ${millis(last)}; ${ratio.toFixed(2)} x relative to bare`
  // A few seconds say nothing about the slowest hundredth.
  return { what: 'soak: p99', much, against: short || ratio <= 1.5 ? [] : ['more than 1.5 x'] }
}
