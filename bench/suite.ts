import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emulator, inMemory } from './installed.ts'
import type { Part, Setting } from './part.ts'
import { installPeers } from './peers.ts'
import type { Program, Running } from './processes.ts'
import { run } from './processes.ts'
import { mega, table } from './report.ts'
import type { Figure } from './statistics.ts'
import { figureOf, writtenFigure } from './statistics.ts'
import type { Exchange } from './suite/exchange.ts'
import { backUp } from './suite/exchange.ts'
import { atMost, besideNoise, reported } from './verdict.ts'

const names = {
  inside: 'in process',
  again: 'in process, again',
  http: 'over HTTP, both processes',
  nock: 'stubs of nock',
  msw: 'stubs of msw',
} as const

interface SuiteRun {
  /** CPU of all processes, the start of the tests' own included, in seconds. */
  readonly cpu: number
  /** In seconds. */
  readonly time: number
  /** Resident in the tests' process at the end, in bytes. */
  readonly rss: number
}

const tests = 200
const stubBase = 'http://koodrive.test'
const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What stubs have to answer: what the emulator did, in a file. */
async function recordedFile(server: Running): Promise<string> {
  const exchanges: Exchange[] = []
  await backUp(`${server.url}/worlds/recorded`, (address, { method }, { status, headers }, body) => {
    const { pathname, search } = new URL(address)
    const path = `${pathname.replace('/worlds/recorded', '')}${search}`
    const ofStubs = body.replaceAll(`${server.url}/worlds/recorded`, stubBase).replaceAll(server.url, stubBase)
    exchanges.push({ method, path, status, type: headers.get('content-type'), body: ofStubs })
  })
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const file = join(folder, 'exchanges.json')
  writeFileSync(file, JSON.stringify(exchanges))
  return file
}

function programsOf(command: string, url: string, recorded: string): Program[] {
  const runner = local('suite/run.ts')
  const program = (name: string, ...args: string[]): Program => ({ name, args: () => [runner, ...args] })
  const module = join(dirname(command), 'index.js')
  const ofStubs = (peer: string) => [local(`peers/${peer}-stubs.mjs`), recorded, stubBase]
  return [
    program(names.inside, 'in-process', module),
    program(names.nock, 'stubs', ...ofStubs('nock')),
    program(names.msw, 'stubs', ...ofStubs('msw')),
    program(names.http, 'over-http', url),
    program(names.again, 'in-process', module),
  ]
}

async function runOnce(program: Program, server: Running): Promise<SuiteRun> {
  const before = await server.usage()
  const begin = performance.now()
  const suite = await run(program, { isServer: false })
  const answer = await suite.ask({ tests })
  const time = (performance.now() - begin) / 1000
  if (Object(answer).done !== tests) throw new Error(`${program.name}: ${JSON.stringify(answer)}`)
  const [own, after] = [await suite.usage(), await server.usage()]
  await suite.stop()
  const beside = program.name === names.http ? after.cpu - before.cpu : 0
  return { cpu: (own.cpu + beside) / 1e6, time, rss: own.rss }
}

async function measureSuites(command: string, rounds: number): Promise<Map<string, SuiteRun[]>> {
  const server = await run(emulator(command, 'emulator of the suite', ...inMemory))
  const programs = programsOf(command, server.url, await recordedFile(server))
  const found = new Map(programs.map(({ name }) => [name, [] as SuiteRun[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const program of round % 2 === 0 ? programs : programs.toReversed()) {
      found.get(program.name)?.push(await runOnce(program, server))
    }
  }
  await server.stop()
  return found
}

function cpuRatio(all: ReadonlyMap<string, readonly SuiteRun[]>, one: string, other: string): Figure {
  const below = all.get(other) ?? []
  return figureOf((all.get(one) ?? []).map(({ cpu }, round) => cpu / (below[round]?.cpu ?? Number.NaN)))
}

const suiteTable = (all: ReadonlyMap<string, readonly SuiteRun[]>): string =>
  table(
    ['200 tests, a world and 20 calls each', 'CPU, s', 'time, s', 'resident, MB'],
    [...all].map(([name, runs]) => [
      name,
      writtenFigure(figureOf(runs.map(({ cpu }) => cpu))),
      writtenFigure(figureOf(runs.map(({ time }) => time))),
      mega(runs.at(-1)?.rss ?? 0),
    ]),
  )

/** A whole test suite, from the start of its process to its end, beside the same with stubs of equal answers. */
export async function suite({ command, quick }: Setting): Promise<Part> {
  installPeers()
  const all = await measureSuites(command, quick ? 2 : 7)
  const against = (peer: string, stubs: string) =>
    atMost(`CPU of a test suite in process against ${peer}`, 2, cpuRatio(all, names.inside, stubs))
  return {
    verdicts: besideNoise(cpuRatio(all, names.again, names.inside), [
      against('nock', names.nock),
      against('msw', names.msw),
      reported('CPU of a test suite over HTTP against nock', cpuRatio(all, names.http, names.nock)),
      reported('CPU of a test suite over HTTP against msw', cpuRatio(all, names.http, names.msw)),
    ]),
    tables: { 'A test suite': suiteTable(all) },
    figures: Object.fromEntries(all),
  }
}
