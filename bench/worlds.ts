import { fileURLToPath } from 'node:url'
import { basePath } from '../schemas/common.ts'
import { controlPath } from '../schemas/control.ts'
import { Connection, requestText } from './connection.ts'
import { emulator, inMemory } from './installed.ts'
import type { Workload } from './load.ts'
import type { Part, Setting } from './part.ts'
import { run } from './processes.ts'
import { throughputTable } from './report.ts'
import type { Lane, Measured } from './rounds.ts'
import { measure, ratio, twinName, twinOf } from './rounds.ts'
import type { Figure } from './statistics.ts'
import { figureOf } from './statistics.ts'
import type { Verdict } from './verdict.ts'
import { atMost, besideNoise } from './verdict.ts'
import { headers, scopesBody } from './workloads.ts'
import type { WorldCosts } from './world-costs.ts'

const names = { fork: 'forks of a world of 1,000 scopes', calls: 'worlds of 1,000 scopes, made by a hundred calls' }

const put = (world: string, body: object): string =>
  requestText('PUT', `${controlPath}/worlds/${world}`, { 'content-type': 'application/json' }, JSON.stringify(body))

const addScopes = (world: string): string =>
  requestText('POST', `${basePath}/device/bench/scope`, headers({ 'x-emulator-world': world }), scopesBody(10))

/** Each connection makes a world of its own anew. */
const forks: Workload = { status: 200, of: (connection) => () => put(`fork-${connection}`, { from: 'base' }) }

/** The same by calls: begun, and ten scopes a hundred times. */
const calls: Workload = {
  status: 200,
  follows: true,
  of: (connection) => {
    let step = -1
    return () => {
      step += 1
      return step % 101 === 0 ? put(`called-${connection}`, {}) : addScopes(`called-${connection}`)
    }
  },
}

/** What is forked, and the worlds that are made anew afterwards. */
async function addWorlds(url: string): Promise<void> {
  const connection = new Connection(url)
  const made = Array.from({ length: 10 }, (_, index) => [`fork-${index}`, `called-${index}`]).flat()
  const requests = ['base', ...made].map((world) => put(world, {}))
  const filling = Array.from({ length: 100 }, () => addScopes('base'))
  for (const request of [...requests, ...filling]) {
    const { status, body } = await connection.ask(request)
    if (status >= 300) throw new Error(`${status} ${body}`)
  }
  connection.close()
}

function forkLanes(command: string): Lane[] {
  const program = emulator(command, 'emulator with worlds', ...inMemory)
  const common = { program, prepare: addWorlds }
  const fork = { ...common, name: names.fork, work: forks, count: 200 }
  return [fork, { ...common, name: names.calls, work: calls, count: 1010, units: 1 / 101 }, twinOf(fork)]
}

async function inProcess(quick: boolean): Promise<WorldCosts> {
  const program = fileURLToPath(new URL('world-costs.ts', import.meta.url))
  const running = await run({ name: 'worlds', args: () => ['--expose-gc', program] }, { isServer: false })
  const costs = (await running.ask({ rounds: quick ? 10 : 40 })) as WorldCosts // from world-costs.ts
  await running.stop()
  return costs
}

const roundByRound = (one: readonly number[], other: readonly number[]): Figure =>
  figureOf(one.map((value, round) => value / (other[round] ?? Number.NaN)))

function inProcessVerdicts(costs: WorldCosts): Verdict[] {
  return [
    ...besideNoise(roundByRound(costs.again, costs.world), [
      atMost(
        'cost of an empty world against an empty database in memory',
        4,
        roundByRound(costs.world, costs.database),
      ),
    ]),
    atMost('kilobytes of each of 1,000 worlds', 300, figureOf([costs.worldBytes / 1000])),
    atMost(
      'cost of a reset of a world of 20,000 rows against one of none',
      2,
      roundByRound(costs.resetOfMany, costs.resetOfNone),
    ),
  ]
}

const forkVerdicts = (all: ReadonlyMap<string, Measured>): Verdict[] =>
  besideNoise(ratio(all, twinName(names.fork), names.fork), [
    atMost(
      'cost of a fork of a world of 1,000 scopes against a hundred calls',
      1 / 20,
      ratio(all, names.calls, names.fork),
    ),
  ])

/** What worlds cost to make, to hold and to make anew. */
export async function worlds({ command, quick }: Setting): Promise<Part> {
  const effort = quick ? { sets: 1, rounds: 5, warmUp: 4 } : { sets: 3, rounds: 10, warmUp: 6 }
  const all = await measure(forkLanes(command), effort)
  const costs = await inProcess(quick)
  return {
    verdicts: [...forkVerdicts(all), ...inProcessVerdicts(costs)],
    tables: { Worlds: throughputTable(all) },
    figures: { ...Object.fromEntries(all), costs },
  }
}
