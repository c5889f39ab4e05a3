import { fileURLToPath } from 'node:url'
import { emulator, inFile, inMemory, quiet } from './installed.ts'
import { peers } from './peers.ts'
import type { Program } from './processes.ts'
import type { Lane } from './rounds.ts'
import { addRecords, badHeader, batchOf, compareAndSet, mismatch, page } from './workloads.ts'

const floor = (file: string, name: string): Program => ({
  name,
  args: (port) => [fileURLToPath(new URL(`floor/${file}`, import.meta.url)), String(port)],
})

/** As many requests as take about a tenth of a second. */
const many = 2000

export const names = {
  bare: 'bare node:http',
  fastify: 'Fastify with the contract, no store',
  sqliteChange: 'better-sqlite3 alone, the statements of a compare-and-set',
  sqliteRows: 'better-sqlite3 alone, rows in batches of 100',
  memory: 'emulator in memory',
  file: 'emulator on a file',
  quiet: 'emulator in memory, no log, no journal',
} as const

const bare = floor('bare.js', names.bare)

/** The least that each half of the work could cost. */
export function floorLanes(): Lane[] {
  const sqlite: Program = {
    name: 'better-sqlite3 alone',
    args: () => [fileURLToPath(new URL('floor/sqlite.ts', import.meta.url))],
  }
  return [
    { name: names.bare, program: bare, work: compareAndSet, count: many },
    { name: names.fastify, program: floor('fastify.ts', names.fastify), work: compareAndSet, count: many },
    { name: names.sqliteChange, program: sqlite, work: (changes) => ({ changes }), count: 10_000 },
    { name: names.sqliteRows, program: sqlite, work: (batches) => ({ batches, rows: 100 }), count: 50, units: 100 },
  ]
}

/** The operations that the issue of speed is about, on one store. */
export function emulatorLanes(command: string, name: string, flags: readonly string[]): Lane[] {
  const program = emulator(command, name, ...flags)
  const lane = (what: string, work: Lane['work'], count: number, units = 1): Lane => ({
    name: `${name}: ${what}`,
    program,
    prepare: addRecords,
    work,
    count,
    units,
  })
  return [
    lane('compare-and-set', compareAndSet, many),
    lane('scopes one by one, rows', batchOf(1), many / 2),
    lane('scopes in batches of 10, rows', batchOf(10), many / 4, 10),
    lane('scopes in batches of 100, rows', batchOf(100), 50, 100),
    lane('a page of 20 records', page, many / 2),
    lane('refusal: mismatch', mismatch, many),
    lane('refusal: bad header', badHeader, many),
  ]
}

export const allLanes = (command: string): Lane[] => [
  ...floorLanes(),
  {
    name: names.quiet,
    program: emulator(command, names.quiet, ...inMemory, ...quiet),
    work: compareAndSet,
    count: many,
  },
  ...emulatorLanes(command, names.memory, inMemory),
  ...emulatorLanes(command, names.file, inFile),
  ...peers.map(({ prepare, workload, compares: _, ...program }) => ({
    name: program.name,
    program,
    prepare,
    work: workload,
    count: many / 5,
  })),
]
