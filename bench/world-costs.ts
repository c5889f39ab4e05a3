import { performance } from 'node:perf_hooks'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { catalogue } from '../src/errors.ts'
import { JournalBudget } from '../src/journal/journal.ts'
import { openDatabase } from '../src/store/database.ts'
import { createStore } from '../src/store/store.ts'
import { Worlds } from '../src/world/worlds.ts'

/*
 * A program of its own, in which worlds are made without HTTP: it answers every message with what they cost.
 */

/** All in milliseconds of this process' CPU, round by round, save `worldBytes`. */
export interface WorldCosts {
  readonly world: readonly number[]
  /** The same again. */
  readonly again: readonly number[]
  /** A database in memory without anything in it. */
  readonly database: readonly number[]
  /** Resident, of each of a thousand worlds that were used once. */
  readonly worldBytes: number
  readonly resetOfMany: readonly number[]
  readonly resetOfNone: readonly number[]
}

const settings = {
  auth: 'any',
  devices: 'adopt',
  errorStatus: 'http',
  completion: 'explicit',
  scopesPerModule: Number.POSITIVE_INFINITY,
  worker: 527,
  random: 1,
  unkind: null,
  changes: false,
} as const

const worldsOf = () =>
  new Worlds({
    settings,
    seed: { choice: 'none', document: {} },
    given: new Set<string>(),
    errors: catalogue,
    wallClock: Date.now,
    store: createStore(openDatabase(':memory:', 'normal')),
    limit: 100_000,
    groupLimit: Number.POSITIVE_INFINITY,
    idleMillis: Number.POSITIVE_INFINITY,
    journals: new JournalBudget(Number.POSITIVE_INFINITY),
    newWorlds: 'used',
  })

function cpuMillisOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const tenTimes = (work: () => void) => () => {
  for (let time = 0; time < 10; time += 1) work()
}

/** Ten worlds, ten more, and ten databases, in turns. */
function making(rounds: number): Pick<WorldCosts, 'world' | 'again' | 'database'> {
  const worlds = worldsOf()
  let count = 0
  const makeWorlds = tenTimes(() => {
    count += 1
    worlds.begin(`made-${count}`)
  })
  const databases: Sqlite.Database[] = []
  const makeDatabases = tenTimes(() => void databases.push(new Sqlite(':memory:')))
  const found = { world: [] as number[], database: [] as number[], again: [] as number[] }
  for (let round = -5; round < rounds; round += 1) {
    const times = [makeWorlds, makeDatabases, makeWorlds].map(cpuMillisOf)
    if (round < 0) continue
    for (const [index, list] of [found.world, found.database, found.again].entries()) list.push(times[index] ?? 0)
  }
  worlds.close()
  for (const database of databases) database.close()
  return found
}

function residentBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

function bytesOfThousand(): number {
  const worlds = worldsOf()
  const before = residentBytes()
  for (let index = 0; index < 1000; index += 1) worlds.use(`world-${index}`)
  const bytes = (residentBytes() - before) / 1000
  worlds.close()
  return bytes
}

/** Resets of a world of so many rows and of one without, in turns. */
async function resetting(rounds: number): Promise<Pick<WorldCosts, 'resetOfMany' | 'resetOfNone'>> {
  const worlds = worldsOf()
  const resetOf = async (rows: number): Promise<number> => {
    const world = worlds.begin('reset')
    fill(world, rows)
    worlds.begin('another') // filling 20,000 rows has emptied the caches, which is not the reset's doing
    const millis = cpuMillisOf(() => worlds.reset(world))
    await turnOfTheLoop() // closes the old one
    return millis
  }
  const [resetOfMany, resetOfNone]: [number[], number[]] = [[], []]
  for (let round = -3; round < rounds; round += 1) {
    const [many, none] = [await resetOf(20_000), await resetOf(0)]
    if (round < 0) continue
    resetOfMany.push(many)
    resetOfNone.push(none)
  }
  worlds.close()
  return { resetOfMany, resetOfNone }
}

function fill({ store }: ReturnType<Worlds['begin']>, rows: number): void {
  store.transact(() => {
    const names = { machineCode: '', deviceName: '', deviceOS: '' }
    const device = store.devices.add({ userId: 'u', deviceId: 'd', ...names, createMillis: 0 })
    for (let row = 1; row <= rows; row += 1) {
      store.scopes.add({ id: BigInt(row), millis: 0 }, device, '100', { localPath: `/${row}`, targetFolderPath: '' })
    }
  })
}

process.on('message', async (message: { readonly rounds?: number }) => {
  const { rounds } = message
  if (rounds === undefined) return
  const made = making(rounds) // first, so that what is compiled once is not counted as memory of worlds
  const costs: WorldCosts = { ...made, worldBytes: bytesOfThousand(), ...(await resetting(rounds)) }
  process.send?.(costs)
})
process.send?.({ ready: performance.now() })
