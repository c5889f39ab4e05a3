import { basePath } from '../schemas/common.ts'
import { requestText } from './connection.ts'
import { emulator, inMemory } from './installed.ts'
import type { Workload } from './load.ts'
import { awake, Load } from './load.ts'
import type { Part, Setting } from './part.ts'
import { throughputTable } from './report.ts'
import type { Lane, Measured } from './rounds.ts'
import { measure, ratio, twinName, twinOf } from './rounds.ts'
import { measureUpkeep, upkeepTable } from './upkeep.ts'
import type { Verdict } from './verdict.ts'
import { atMost, besideNoise } from './verdict.ts'
import { batchOf, compareAndSet, compareAndSetIn, headers, scopesBody } from './workloads.ts'

/** Fills a server up to so many scopes, a hundred at a time. */
export const withScopes =
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
export const withWorlds =
  (count: number) =>
  async (url: string): Promise<void> => {
    const load = new Load(url)
    await load.open()
    await load.drive(compareAndSetIn(count), count * 10)
    load.close()
  }

const scopesName = (what: string, count: number): string => `${what} with ${count.toLocaleString('en')} scopes`
const worldsName = (count: number): string =>
  `compare-and-set with ${count.toLocaleString('en')} ${count === 1 ? 'world' : 'worlds'}`

/** The same requests at growing sizes. */
function growthLanes(command: string, scopes: readonly number[], worlds: readonly number[]): Lane[] {
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
  return [...sizes, ...sizes.slice(0, 1).map(twinOf), ...crowds]
}

function verdictsOf(
  all: ReadonlyMap<string, Measured>,
  scopes: readonly number[],
  worlds: readonly number[],
): Verdict[] {
  const [fewest = 0, most = 0] = [scopes[0], scopes.at(-1)]
  const grown = (what: string, target: number): Verdict =>
    atMost(
      `cost of ${what} with ${most.toLocaleString('en')} scopes against ${fewest.toLocaleString('en')}`,
      target,
      ratio(all, scopesName(what, fewest), scopesName(what, most)),
    )
  const crowd = worlds.at(-1) ?? 0
  const crowded = `cost of compare-and-set with ${crowd.toLocaleString('en')} worlds in turns against 1`
  const usual = scopesName('compare-and-set', fewest)
  return besideNoise(ratio(all, usual, twinName(usual)), [
    grown('compare-and-set', 1.2),
    grown('scopes in batches of 10', 1.3),
    atMost(crowded, 1.2, ratio(all, worldsName(1), worldsName(crowd))),
  ])
}

/** The same requests in more and more rows and worlds. */
export async function growth({ command, quick }: Setting): Promise<Part> {
  const scopes = quick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000]
  const worlds = quick ? [1, 100] : [1, 100, 1_000]
  const effort = quick ? { sets: 1, rounds: 5, warmUp: 4 } : { sets: 2, rounds: 10, warmUp: 8 }
  const all = await measure(growthLanes(command, scopes, worlds), effort)
  const upkeep = await measureUpkeep(command, [
    ...scopes.map((count) => ({
      size: `${count.toLocaleString('en')} scopes`,
      world: 'default',
      fill: withScopes(count),
    })),
    ...worlds.map((count) => ({
      size: `one of ${count.toLocaleString('en')} worlds`,
      world: count === 1 ? 'default' : 'world-1',
      fill: withWorlds(count),
    })),
  ])
  return {
    verdicts: verdictsOf(all, scopes, worlds),
    tables: { Growth: throughputTable(all), Upkeep: upkeepTable(upkeep) },
    figures: { ...Object.fromEntries(all), upkeep },
  }
}
