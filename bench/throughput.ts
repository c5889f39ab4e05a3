import { fileURLToPath } from 'node:url'
import { emulator, inFile, inMemory, quiet } from './installed.ts'
import { mixed } from './mixed.ts'
import type { Part, Setting } from './part.ts'
import type { Peer } from './peers.ts'
import { installPeers, peers } from './peers.ts'
import type { Program } from './processes.ts'
import { throughputTable } from './report.ts'
import type { Lane, Measured } from './rounds.ts'
import { measure, ratio, twinName, twinOf } from './rounds.ts'
import { files } from './uploads.ts'
import type { Verdict } from './verdict.ts'
import { atLeast, besideNoise, reported } from './verdict.ts'
import { badHeader, batchOf, compareAndSet, mismatch } from './workloads.ts'

const floor = (file: string, name: string): Program => ({
  name,
  args: (port) => [fileURLToPath(new URL(`floor/${file}`, import.meta.url)), String(port)],
})

const mixedName = 'all operations mixed, requests'

/** As many requests as take about a tenth of a second. */
const many = 2000

const names = {
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
function floorLanes(): Lane[] {
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

/** What writes and what refuses, on one store. */
function emulatorLanes(command: string, name: string, flags: readonly string[]): Lane[] {
  const program = emulator(command, name, ...flags)
  const lane = (what: string, work: Lane['work'], count: number, units = 1): Lane => ({
    name: `${name}: ${what}`,
    program,
    work,
    count,
    units,
  })
  return [
    lane('compare-and-set', compareAndSet, many),
    lane('scopes one by one, rows', batchOf(1), many / 2),
    lane('scopes in batches of 10, rows', batchOf(10), many / 4, 10),
    lane('scopes in batches of 100, rows', batchOf(100), 50, 100),
    lane('files of one part: announced, sent and complete, requests', files, many / 4),
    lane(mixedName, mixed, many / 2),
    lane('refusal: mismatch', mismatch, many),
    lane('refusal: bad header', badHeader, many),
  ]
}

const changeOn = (store: string): string => `${store}: compare-and-set`

const sleeping = (name: string): string => `${name}, for a client that sleeps`

/** Each of these again for the other client, in the same process. */
const forBoth = (lanes: readonly Lane[]): Lane[] =>
  lanes.flatMap((lane) => [lane, { ...lane, name: sleeping(lane.name), client: 'sleeping' }])

function allLanes(command: string): Lane[] {
  const [bareLane, ...floors] = floorLanes()
  const [change, ...others] = emulatorLanes(command, names.memory, inMemory)
  if (bareLane === undefined || change === undefined) return []
  const quietProgram = emulator(command, names.quiet, ...inMemory, ...quiet)
  const quietLane = { name: names.quiet, program: quietProgram, work: compareAndSet, count: many }
  return [
    // Those that are compared with each other stand next to each other.
    ...forBoth([quietLane, bareLane, change]),
    twinOf(change),
    ...floors,
    ...others,
    ...emulatorLanes(command, names.file, inFile),
    ...peers.map(({ prepare, workload, compares: _, ...program }) => ({
      name: program.name,
      program,
      prepare,
      work: workload,
      count: many / 5,
    })),
  ]
}

/** Of each round, against whichever of these was the fastest over all rounds. */
function againstFastest(all: ReadonlyMap<string, Measured>, compares: boolean, target: number): Verdict {
  const speed = ({ name }: Peer): number => all.get(name)?.perCpu.median ?? 0
  const candidates = peers.filter((peer) => peer.compares === compares)
  const fastest = candidates.toSorted((one, other) => speed(other) - speed(one))[0]?.name ?? ''
  return atLeast(`compare-and-set against ${fastest}`, target, ratio(all, changeOn(names.memory), fastest))
}

function againstBare(all: ReadonlyMap<string, Measured>, load: string, of: (name: string) => string): Verdict[] {
  const against = (name: string) => ratio(all, of(name), of(names.bare))
  return [
    atLeast(`compare-and-set in memory against bare \`node:http\`, ${load}`, 0.55, against(changeOn(names.memory))),
    atLeast(`the same without log and journal, ${load}`, 0.7, against(names.quiet)),
  ]
}

function verdictsOf(all: ReadonlyMap<string, Measured>): Verdict[] {
  const memory = changeOn(names.memory)
  const ofMemory = (what: string): string => `${names.memory}: ${what}`
  return besideNoise(ratio(all, twinName(memory), memory), [
    ...againstBare(all, 'raw bytes from a client that never sleeps', (name) => name),
    ...againstBare(all, 'a client that sleeps between answers', sleeping),
    atLeast('compare-and-set on a file against in memory', 0.85, ratio(all, changeOn(names.file), memory)),
    atLeast(
      'rows in batches of 100 against better-sqlite3 alone',
      0.5,
      ratio(all, ofMemory('scopes in batches of 100, rows'), names.sqliteRows),
    ),
    atLeast('a refusal (mismatch) against a success', 1, ratio(all, ofMemory('refusal: mismatch'), memory)),
    atLeast('a refusal (bad header) against a success', 1, ratio(all, ofMemory('refusal: bad header'), memory)),
    againstFastest(all, true, 3.5),
    againstFastest(all, false, 4),
    reported(
      'all operations mixed against compare-and-set of bare `node:http`',
      ratio(all, ofMemory(mixedName), names.bare),
    ),
  ])
}

/** Single requests, beside the least that could do the same and beside other emulators. */
export async function throughput({ command, quick }: Setting): Promise<Part> {
  installPeers()
  const effort = quick ? { sets: 1, rounds: 6, warmUp: 6 } : { sets: 4, rounds: 10, warmUp: 8 }
  const all = await measure(allLanes(command), effort)
  return {
    verdicts: verdictsOf(all),
    tables: { Throughput: throughputTable(all) },
    figures: Object.fromEntries(all),
  }
}
