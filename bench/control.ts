import { performance } from 'node:perf_hooks'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { catalogue } from '../src/errors.ts'
import { openDatabase } from '../src/store/database.ts'
import { migrations } from '../src/store/migrations.ts'
import { createStore } from '../src/store/store.ts'
import { Worlds } from '../src/world/worlds.ts'
import { emulator, inMemory, install } from './installed.ts'
import { measure, ratio } from './rounds.ts'
import { median } from './statistics.ts'
import { compareAndSet } from './workloads.ts'

/*
 * What worlds, time, faults and the journal cost. Every figure is a ratio of this one run, or a size: the machine does not
 * matter. Exit status 1 where a target is missed.
 */

interface Row {
  readonly what: string
  readonly figure: string
  readonly target: string
  readonly holds: boolean
}

const settings = {
  auth: 'any',
  devices: 'adopt',
  errorStatus: 'http',
  scopesPerModule: Number.POSITIVE_INFINITY,
  worker: 527,
  random: 1,
  unkind: null,
} as const

const worldsOf = () =>
  new Worlds({
    settings,
    seed: { choice: 'none', document: {} },
    errors: catalogue,
    wallClock: Date.now,
    store: createStore(openDatabase(':memory:', 'normal')),
    isFile: false,
    limit: 100_000,
    idleMillis: Number.POSITIVE_INFINITY,
  })

const millisOf = (work: () => void): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

const residentBytes = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

/** A world against an empty database in memory with the same tables. */
function makingWorlds(): Row[] {
  const worlds = worldsOf()
  const times = { world: [] as number[], database: [] as number[] }
  for (let round = 0; round < 300; round += 1) {
    times.world.push(millisOf(() => worlds.begin(`round-${round}`)))
    times.database.push(
      millisOf(() => {
        const database = new Sqlite(':memory:')
        for (const step of migrations) database.exec(step)
      }),
    )
  }
  const cost = median(times.world) / median(times.database)
  worlds.close()
  return [
    {
      what: 'an empty world against an empty database with the same tables',
      figure: `${cost.toFixed(2)} x`,
      target: '<= 4 x',
      holds: cost <= 4,
    },
  ]
}

/** A thousand worlds at once, each used once. */
function thousandWorlds(): Row[] {
  const worlds = worldsOf()
  const before = residentBytes()
  for (let index = 0; index < 1000; index += 1) worlds.use(`world-${index}`)
  const bytes = (residentBytes() - before) / 1000
  const row = {
    what: 'memory of each of 1,000 worlds',
    figure: `${(bytes / 1000).toFixed(0)} kB`,
    target: '< 300 kB',
    holds: bytes < 300_000,
  }
  worlds.close()
  return [row]
}

/** Resetting a world of many rows against one of none. */
async function resetting(): Promise<Row[]> {
  const worlds = worldsOf()
  const resets = async (rows: number): Promise<number> => {
    const times = []
    for (let round = 0; round < 20; round += 1) {
      const world = worlds.begin('reset')
      fill(world, rows)
      worlds.begin('another') // filling 20,000 rows has emptied the caches, which is not the reset's doing
      times.push(millisOf(() => worlds.reset(world)))
      await turnOfTheLoop() // closes the old one
    }
    return Math.min(...times)
  }
  await resets(0)
  const ratio = (await resets(20_000)) / (await resets(0))
  return [
    {
      what: 'reset of a world of 20,000 rows against an empty one',
      figure: `${ratio.toFixed(2)} x`,
      target: '<= 2 x',
      holds: ratio <= 2,
    },
  ]
}

function fill(world: ReturnType<Worlds['begin']>, rows: number): void {
  const { store } = world
  store.transact(() => {
    const device = store.devices.add({
      userId: 'u',
      deviceId: 'd',
      machineCode: '',
      deviceName: '',
      deviceOS: '',
      createMillis: 0,
    })
    for (let row = 1; row <= rows; row += 1) {
      store.scopes.add({ id: BigInt(row), millis: 0 }, device, '100', { localPath: `/${row}`, targetFolderPath: '' })
    }
  })
}

/** Both in turns, each with a process of its own, several times: one process is luckier than another. */
async function throughput(): Promise<Row[]> {
  const command = install()
  const lanes = ['on', 'off'].map((control) => ({
    name: control,
    program: emulator(command, control, ...inMemory, '--log-level', 'silent', '--control', control),
    work: compareAndSet,
    count: 2500,
  }))
  const all = await measure(lanes, { sets: 3, rounds: 10, warmUp: 6 })
  const { median: found } = ratio(all, 'on', 'off')
  return [
    {
      what: 'requests per second of CPU with the control plane, faults and journal against without',
      figure: `${found.toFixed(2)} x`,
      target: '>= 0.9 x',
      holds: found >= 0.9,
    },
  ]
}

const rows = [...makingWorlds(), ...thousandWorlds(), ...(await resetting()), ...(await throughput())]
for (const { what, figure, target, holds } of rows) {
  process.stdout.write(`${holds ? 'ok  ' : 'MISS'}  ${what.padEnd(86)} ${figure.padStart(8)}  (${target})\n`)
}
process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1
