import { basePath } from '../schemas/common.ts'
import { controlPath } from '../schemas/control.ts'
import { Connection, requestText } from './connection.ts'
import { emulator, inMemory } from './installed.ts'
import type { Workload } from './load.ts'
import { awake, Load } from './load.ts'
import type { Program, Running } from './processes.ts'
import { run } from './processes.ts'
import type { Lane } from './rounds.ts'
import { batchOf, compareAndSet, compareAndSetIn, headers, scopesBody } from './workloads.ts'

/** Fills a server up to so many scopes, a hundred at a time. */
const withScopes =
  (count: number) =>
  async (url: string): Promise<void> => {
    const fill: Workload = {
      status: 200,
      of: () => () => requestText('POST', `${basePath}/device/bench/scope`, headers(), scopesBody(100)),
    }
    const load = new Load(url)
    await load.open()
    await awake(() => load.drive(fill, count / 100))
    load.close()
  }

/** Uses so many worlds once. */
const withWorlds =
  (count: number) =>
  async (url: string): Promise<void> => {
    const load = new Load(url)
    await load.open()
    await load.drive(compareAndSetIn(count), count * 10)
    load.close()
  }

export const scopesName = (what: string, count: number): string => `${what} with ${count.toLocaleString('en')} scopes`
export const worldsName = (count: number): string =>
  `compare-and-set with ${count.toLocaleString('en')} ${count === 1 ? 'world' : 'worlds'}`

/** The same requests at growing sizes. */
export function growthLanes(command: string, scopes: readonly number[], worlds: readonly number[]): Lane[] {
  const many = 2000
  const sizes = scopes.flatMap((count) => {
    const program = emulator(command, `${count} scopes`, ...inMemory)
    const common = { program, prepare: withScopes(count) }
    return [
      { ...common, name: scopesName('compare-and-set', count), work: compareAndSet, count: many },
      { ...common, name: scopesName('scopes in batches of 10', count), work: batchOf(10), count: many / 10, units: 10 },
    ]
  })
  const crowds = worlds.map((count) => ({
    program: emulator(command, `${count} worlds`, ...inMemory),
    prepare: withWorlds(count),
    name: worldsName(count),
    work: compareAndSetIn(count),
    count: many,
  }))
  return [...sizes, ...crowds]
}

export interface Upkeep {
  readonly size: string
  readonly snapshotMillis: number
  readonly resetMillis: number
  /** Resident, in bytes. */
  readonly rss: number
}

async function millisOf(running: Running, path: string): Promise<number> {
  const connection = new Connection(running.url)
  await connection.opened()
  const begin = performance.now()
  const answer = await connection.ask(requestText('POST', `${controlPath}/worlds/${path}`, {}))
  const millis = performance.now() - begin
  connection.close()
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.body}`)
  return millis
}

async function upkeepOf(
  size: string,
  program: Program,
  world: string,
  fill: (url: string) => Promise<void>,
): Promise<Upkeep> {
  const running = await run(program)
  await fill(running.url)
  const { rss } = await running.usage()
  const snapshotMillis = await millisOf(running, `${world}/snapshots/bench`)
  const resetMillis = await millisOf(running, `${world}/reset`)
  await running.stop()
  return { size, rss, snapshotMillis, resetMillis }
}

/** How long a snapshot and a reset take at these sizes, and how much memory they hold. */
export async function measureUpkeep(
  command: string,
  scopes: readonly number[],
  worlds: readonly number[],
): Promise<Upkeep[]> {
  const found: Upkeep[] = []
  const program = emulator(command, 'emulator in memory', ...inMemory)
  for (const count of scopes) {
    found.push(await upkeepOf(`${count.toLocaleString('en')} scopes`, program, 'default', withScopes(count)))
  }
  for (const count of worlds) {
    const world = count === 1 ? 'default' : 'world-1'
    found.push(await upkeepOf(`one of ${count.toLocaleString('en')} worlds`, program, world, withWorlds(count)))
  }
  return found
}
