import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { controlPath } from '../../schemas/control.ts'
import type { WireAnswer } from '../../test/fixtures/socket.ts'
import { Wire } from '../../test/fixtures/socket.ts'
import { clientOf } from '../client.ts'
import type { Emulator } from '../emulator.ts'
import { startEmulator } from '../emulator.ts'
import type { Plan } from '../plan.ts'
import type { Verdict } from '../verdict.ts'
import { Doubts, grouped } from '../verdict.ts'
import type { Hostile } from './requests.ts'
import { anyRequest } from './requests.ts'

const lines = 6
const patienceMillis = 15_000

/** The bytes of a request. */
export function bytesOf({ method, target, headers, body }: Hostile): Buffer {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const head = [`${method} ${target} HTTP/1.1`, ...headers, ...length, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')])
}

export async function openWire(port: number): Promise<Wire> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  return new Wire(socket)
}

/** A connection that is opened again when it was closed after an answer. */
class Line {
  readonly #port: number
  #wire: Wire | undefined

  constructor(port: number) {
    this.#port = port
  }

  async send(request: Hostile): Promise<WireAnswer> {
    this.#wire ??= await openWire(this.#port)
    const wire = this.#wire
    await wire.send(bytesOf(request))
    const answer = await inTime(wire.answer(request.method))
    const isOver = answer.headers['connection'] === 'close'
    if (isOver) wire.end()
    if (isOver) this.#wire = undefined
    return answer.status === 100 ? inTime(wire.answer(request.method)) : answer
  }

  close(): void {
    this.#wire?.end()
    this.#wire = undefined
  }
}

function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in 15 seconds')), patienceMillis)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** What is wrong with an answer, whatever the request was. */
export function defectOf({ target }: Hostile, { status, headers, body }: WireAnswer): string | undefined {
  if (status >= 500 && status !== 503) return `status ${status}: ${body}`
  const isControl = target.startsWith(controlPath)
  if (isControl && status < 400) return undefined
  if (body === '') return status === 204 ? undefined : `status ${status} without a body`
  const value: unknown = JSON.parse(body)
  const isProblem = headers['content-type']?.startsWith('application/problem+json')
  if (isControl && isProblem) return undefined
  const { code, msg } = Object(value)
  const isEnvelope = Number.isInteger(code) && typeof msg === 'string' && (code !== 0 || status === 200)
  return isEnvelope ? undefined : `no envelope: ${status} ${body}`
}

/** Requests made up from the contracts, valid, nearly valid and wild; the first that is answered wrongly is made small. */
export async function fuzz(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  const emulator = await startEmulator(plan.watch, ['--db', join(plan.folder, 'fuzz.db'), '--max-worlds', '50'])
  const fuzzing = { plan, emulator, requests: anyRequest(), locks: await takeLocks(emulator, plan), doubts }
  const heap: number[] = []
  const batches = 20
  for (let batch = 0; batch < batches; batch += 1) {
    const numRuns = Math.ceil(plan.requests / batches / lines)
    await Promise.all(
      Array.from({ length: lines }, (_, index) => fuzzLine(fuzzing, plan.seed + batch * lines + index, numRuns)),
    )
    heap.push(await settledHeap(emulator, plan))
    if (batch % 4 === 3)
      plan.tell(`hostile: ${grouped((batch + 1) * numRuns * lines)} requests, ${(heap.at(-1) ?? 0) / 1e6} MB`)
  }
  const { code } = await emulator.end('SIGTERM')
  doubts.claim(code === 0, () => `it ended with ${code}: ${emulator.output()}`)
  doubts.claim(!/"level":[56]0/.test(emulator.output()), () => `the log has errors: ${emulator.output()}`)
  return [
    {
      what: 'hostile: requests made up from the contracts',
      much: `${grouped(plan.requests)} requests`,
      against: doubts.list,
    },
    { what: 'hostile: memory afterwards', ...flatness(heap) },
  ]
}

interface Fuzzing {
  readonly plan: Plan
  readonly emulator: Emulator
  readonly requests: fc.Arbitrary<Hostile>
  readonly locks: readonly string[]
  readonly doubts: Doubts
}

async function fuzzLine({ plan, emulator, requests, locks, doubts }: Fuzzing, seed: number, numRuns: number) {
  const line = new Line(emulator.port)
  const property = fc.asyncProperty(requests, async (request) => {
    const headers = request.headers.map((header) => header.replace('LOCK', locks[header.length % locks.length] ?? ''))
    const answer = await line.send({ ...request, headers })
    plan.watch.see(
      `${JSON.stringify(answer.headers)}${answer.body}`,
      `the answer to ${request.method} ${request.target}`,
    )
    const defect = defectOf(request, answer)
    if (defect !== undefined) throw new Error(defect)
  })
  const details = await fc.check(property, { numRuns, seed, endOnFailure: false, interruptAfterTimeLimit: 600_000 })
  line.close()
  doubts.claim(
    !details.failed,
    () => `seed ${seed}: ${JSON.stringify(details.counterexample)} ${String(details.errorInstance)}`,
  )
}

/** One of each user and module, so that some guesses of a lock are right. */
async function takeLocks({ url }: Emulator, plan: Plan): Promise<string[]> {
  const client = clientOf(url, plan.watch)
  const locks: string[] = []
  for (const userId of ['user-1', 'user-2']) {
    for (const moduleCode of ['100', '101', '102']) {
      const { text } = await client.send({ method: 'POST', path: '/lock', body: { moduleCode }, userId })
      locks.push(JSON.parse(text).data.lockId)
    }
  }
  client.close()
  return locks
}

/** What is in use once all worlds are gone and the journal is forgotten. */
async function settledHeap(emulator: Emulator, plan: Plan): Promise<number> {
  const client = clientOf(emulator.url, plan.watch)
  const { worlds } = JSON.parse((await client.send({ method: 'GET', path: '!/_emulator/worlds' })).text)
  for (const { name } of worlds) {
    if (name !== 'default') await client.send({ method: 'DELETE', path: `!/_emulator/worlds/${name}` })
  }
  await client.send({ method: 'DELETE', path: '!/_emulator/worlds/default/requests' })
  client.close()
  await emulator.tell({})
  return (await emulator.tell({})).heapBytes
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

/** The last fifth against the second: before that, code is still being compiled. */
export function flatness(bytes: readonly number[]): Pick<Verdict, 'much' | 'against'> {
  const fifth = Math.ceil(bytes.length / 5)
  const [early, late] = [median(bytes.slice(fifth, 2 * fifth)), median(bytes.slice(-fifth))]
  const much = `${(early / 1e6).toFixed(1)} MB, then ${(late / 1e6).toFixed(1)} MB`
  return {
    much,
    against:
      late <= early * 1.15 + 4e6 ? [] : [`it grew: ${bytes.map((size) => (size / 1e6).toFixed(1)).join(' ')} MB`],
  }
}
