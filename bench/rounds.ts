import { setTimeout as wait } from 'node:timers/promises'
import type { Workload } from './load.ts'
import { awake, Load } from './load.ts'
import type { Program, Running } from './processes.ts'
import { run } from './processes.ts'
import type { Figure } from './statistics.ts'
import { figureOf } from './statistics.ts'

/** One row of a comparison: what is asked of which program. */
export interface Lane {
  readonly name: string
  readonly program: Program
  /** A workload over HTTP, or what to tell a program that has no server. */
  readonly work: Workload | ((count: number) => object)
  /** Requests a round; of a batch or a program that has no server, units of work. */
  readonly count: number
  /** What each of them stands for, a hundred rows for instance. */
  readonly units?: number
  readonly prepare?: (url: string) => Promise<void>
  /**
   * `busy`, unless it says otherwise: a client that made its bytes before and never sleeps, so that the next request is there
   * when one is answered. `sleeping`: one that makes each request when it is its turn, and sleeps until it is answered.
   */
  readonly client?: 'busy' | 'sleeping'
}

/** The same in a process of its own: what tells two of them apart is noise. */
export const twinOf = (lane: Lane): Lane => ({
  ...lane,
  name: twinName(lane.name),
  program: { ...lane.program, name: twinName(lane.program.name) },
})

export const twinName = (name: string): string => `${name}, another process`

export interface Effort {
  /** Sets of processes; one process is luckier than another. */
  readonly sets: number
  /** Rounds of each set that count, and before them, until the code is compiled, those that do not. */
  readonly rounds: number
  readonly warmUp: number
}

export interface Measured {
  /** Per second of the server's CPU. */
  readonly perCpu: Figure
  /** Per second of time. */
  readonly perSecond: Figure
  /** Of each round, in the order of all rounds. */
  readonly rates: readonly number[]
  /** Resident after the load of all lanes of this program, in bytes. */
  readonly rss: number
}

interface Round {
  readonly cpu: number
  readonly time: number
  readonly rss: number
}

/** What takes longer than this has come to a stop. */
const patienceMillis = 60_000

interface Started {
  readonly running: Running
  readonly load: Load | undefined
}

/**
 * Measures lanes in turns: in each round every lane does its work once, one after the other, so that whatever else the machine
 * does meets all of them.
 */
export async function measure(
  lanes: readonly Lane[],
  { sets, rounds, warmUp }: Effort,
): Promise<Map<string, Measured>> {
  const found = new Map(lanes.map(({ name }) => [name, [] as Round[]]))
  for (let set = 0; set < sets; set += 1) {
    const started = await startAll(lanes)
    for (let round = -warmUp; round < rounds; round += 1) {
      // There and back, so that nobody is always the later one; there at first, for refusals need what others have set.
      for (const lane of (round + warmUp) % 2 === 0 ? lanes : lanes.toReversed()) {
        const measured = await oneRound(lane, started)
        if (round >= 0) found.get(lane.name)?.push(measured)
      }
    }
    await stopAll(started)
  }
  return new Map([...found].map(([name, all]) => [name, summary(all)]))
}

function summary(all: readonly Round[]): Measured {
  const rates = all.map(({ cpu }) => cpu)
  const perSecond = figureOf(all.map(({ time }) => time))
  return { perCpu: figureOf(rates), perSecond, rates, rss: all.at(-1)?.rss ?? 0 }
}

/** Lanes of one program share a process. */
async function startAll(lanes: readonly Lane[]): Promise<Map<Program, Started>> {
  const started = new Map<Program, Started>()
  for (const { program, prepare, work } of lanes) {
    if (started.has(program)) continue
    const isServer = typeof work !== 'function'
    const running = await run(program, { isServer })
    await prepare?.(running.url)
    started.set(program, { running, load: isServer ? new Load(running.url) : undefined })
  }
  return started
}

async function stopAll(started: ReadonlyMap<Program, Started>): Promise<void> {
  for (const { running } of started.values()) await running.stop()
}

async function oneRound(lane: Lane, started: ReadonlyMap<Program, Started>): Promise<Round> {
  const { name, program, count, units = 1, client = 'busy' } = lane
  const { running, load } = started.get(program) ?? missing(name)
  await load?.open()
  const work = readyWork(lane, running, load)
  const before = await running.usage()
  const begin = performance.now()
  const done = client === 'busy' ? awake(work) : work()
  await Promise.race([
    done,
    wait(patienceMillis, undefined, { ref: false }).then(() => missing('it takes too long')),
  ]).catch((error) => missing(`${name}: ${error}`))
  const seconds = (performance.now() - begin) / 1000
  const after = await running.usage()
  load?.close()
  const all = count * units
  return {
    cpu: (all * 1e6) / (after.cpu - before.cpu),
    time: all / seconds,
    rss: after.rss,
  }
}

function readyWork({ work, count, client }: Lane, running: Running, load: Load | undefined): () => Promise<unknown> {
  if (typeof work === 'function') return () => running.ask(work(count))
  if (load === undefined) return missing('it is no server')
  return client === 'sleeping' ? () => load.drive(work, count) : load.ready(work, count)
}

function missing(what: string): never {
  throw new Error(what)
}

/** How two lanes compare, round by round: each round's ratio is of two measurements made right after one another. */
export function ratio(all: ReadonlyMap<string, Measured>, one: string, other: string): Figure {
  const [above, below] = [all.get(one)?.rates ?? [], all.get(other)?.rates ?? []]
  return figureOf(above.map((rate, round) => rate / (below[round] ?? Number.NaN)))
}
