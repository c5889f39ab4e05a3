import { join } from 'node:path'
import type { HistoryOperation, SequentialSpecification } from '../verify/linearizable.ts'
import { judge } from '../verify/linearizable.ts'
import type { ConfigInput, ConfigOutput, LockInput, LockOutput } from '../verify/models.ts'
import { configModel, lockModel } from '../verify/models.ts'
import type { Call, Client } from './client.ts'
import { Broken, clientOf } from './client.ts'
import type { Dice } from './dice.ts'
import { diceOf } from './dice.ts'
import { startEmulator } from './emulator.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts, grouped } from './verdict.ts'

const clientCount = 10
/** A history is judged after so many operations of each client; then the next begins with other things. */
const operationsPerRound = 30
const roundsPerCrash = 20
const initialValue = '101test2value'

// biome-ignore lint/suspicious/noExplicitAny: answers of every form
type Body = any

/** One thing that all clients use at once, with what they did to it. */
interface Thing {
  /** Uses it once, in a way drawn by chance. @throws Broken, the use being noted all the same */
  use(index: number, client: Client, dice: Dice): Promise<void>
  /** What speaks against linearizability. */
  objection(): string | undefined
}

/** What is done to a thing, and how its answers read. */
interface Way<Input, Output> {
  readonly model: SequentialSpecification<string, Input, Output>
  draw(dice: Dice): Input
  callOf(input: Input): Call
  outputOf(input: Input, body: Body): Output
  /** Told of every answer. */
  learn(input: Input, output: Output): void
}

function thingOf<Input, Output>(name: string, way: Way<Input, Output>): Thing {
  const history: HistoryOperation<Input, Output>[] = []
  return {
    async use(client, connection, dice) {
      const input = way.draw(dice)
      const invoked = performance.now()
      try {
        const { text } = await connection.send(way.callOf(input))
        const output = way.outputOf(input, JSON.parse(text))
        history.push({ client, invoked, returned: performance.now(), input, output })
        way.learn(input, output)
      } catch (error) {
        if (error instanceof Broken)
          history.push({ client, invoked, returned: Number.POSITIVE_INFINITY, input, output: undefined })
        throw error
      }
    },
    objection() {
      const judgement = judge(way.model, history)
      return judgement.linearizable ? undefined : `${name}: ${JSON.stringify(judgement)}`
    },
  }
}

/** A configuration of a device of its own: read, and set where it has a value that somebody saw a while ago. */
function configOf(device: string): Thing {
  const seen = [initialValue]
  let names = 0
  const path = `/device/${device}/config`
  const key = { moduleCode: '102', configName: 'backend_backup_switch' }
  return thingOf<ConfigInput, ConfigOutput>(device, {
    model: configModel(initialValue),
    draw(dice) {
      if (dice.chance(0.3)) return { kind: 'read' }
      names += 1
      return { kind: 'set', current: dice.pick(seen.slice(-2)), next: `v${names}` }
    },
    callOf: (input) =>
      input.kind === 'read'
        ? { method: 'GET', path: `${path}?${new URLSearchParams(key)}` }
        : { method: 'PATCH', path, body: { ...key, currentConfigValue: input.current, newConfigValue: input.next } },
    outputOf: (input, body) => (input.kind === 'read' ? body.data.configValue : done(body, 13990409)),
    learn(input, output) {
      if (typeof output === 'string') seen.push(output)
      else if (input.kind === 'set' && output) seen.push(input.next)
    },
  })
}

/** The lock of a user's module: taken, renewed and released, by whoever knows an id of it. */
function lockOf(userId: string, moduleCode: string): Thing {
  const given = ['00000000-0000-4000-8000-000000000000@100']
  return thingOf<LockInput, LockOutput>(`${userId} ${moduleCode}`, {
    model: lockModel,
    draw(dice) {
      const kind = dice.pick(['create', 'create', 'renew', 'release'] as const)
      return kind === 'create' ? { kind } : { kind, lockId: dice.pick(given.slice(-2)) }
    },
    callOf: (input) =>
      input.kind === 'create'
        ? { method: 'POST', path: '/lock', userId, body: { moduleCode } }
        : { method: input.kind === 'renew' ? 'PATCH' : 'DELETE', path: '/lock', userId, lockId: input.lockId },
    outputOf: (input, body) =>
      input.kind === 'create' && body.code === 0 ? { lockId: body.data.lockId } : done(body, 13990423, 13990424),
    learn: (_, output) => void (typeof output === 'object' && given.push(output.lockId)),
  })
}

/** @throws Error for an answer that is neither success nor one of these refusals */
function done({ code, msg }: Body, ...refusals: number[]): boolean {
  if (code === 0) return true
  if (refusals.includes(code)) return false
  throw new Error(`answered ${code} ${msg}`)
}

/** Compare-and-sets and locks from many connections at once, and over crashes: some order explains every answer. */
export async function concurrency(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  const dice = diceOf(plan.seed)
  const rounds = Math.ceil(plan.operations / clientCount / operationsPerRound)
  const db = join(plan.folder, 'concurrency.db')
  const start = () => startEmulator(plan.watch, ['--db', db])
  let emulator = await start()
  let crashes = 0
  for (let round = 0; round < rounds; round += 1) {
    const things = [
      configOf(`one-${round}`),
      configOf(`two-${round}`),
      lockOf(`user-${round}`, '100'),
      lockOf(`user-${round}`, '101'),
    ]
    const isCrash = round % roundsPerCrash === roundsPerCrash - 1
    const dying = isCrash ? setTimeout(() => void emulator.end('SIGKILL'), dice.below(60)) : undefined
    await playRound(things, emulator.url, plan, dice)
    clearTimeout(dying)
    if (isCrash) {
      await emulator.end('SIGKILL')
      emulator = await start()
      await playRound(things, emulator.url, plan, dice)
      crashes += 1
    }
    for (const thing of things) {
      const objection = thing.objection()
      doubts.claim(objection === undefined, () => `round ${round}: ${objection}`)
    }
    if (round % 50 === 49)
      plan.tell(`concurrency: ${grouped((round + 1) * clientCount * operationsPerRound)} operations`)
  }
  await emulator.end('SIGTERM')
  const operations = rounds * clientCount * operationsPerRound
  const much = `${grouped(operations)} operations, ${clientCount} connections, ${grouped(rounds * 4)} histories, ${crashes} crashes`
  return [{ what: 'concurrency: linearizable', much, against: doubts.list }]
}

/** Every client uses one thing after another until it is done, or its connection breaks. */
async function playRound(things: readonly Thing[], url: string, plan: Plan, dice: Dice): Promise<void> {
  const play = async (index: number): Promise<void> => {
    const own = dice.child()
    const client = clientOf(url, plan.watch)
    try {
      for (let use = 0; use < operationsPerRound; use += 1) await own.pick(things).use(index, client, own)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
    } finally {
      client.close()
    }
  }
  await Promise.all(Array.from({ length: clientCount }, (_, index) => play(index)))
}
