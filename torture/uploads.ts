import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { Call, Client } from './client.ts'
import { clientOf, done } from './client.ts'
import type { Emulator } from './emulator.ts'
import { startEmulator } from './emulator.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts, grouped } from './verdict.ts'

const smallestPart = 5_242_880
const largestPart = 5_368_709_120
/** What the longest part may take more than the emulator had before, however long it is. */
const roomBytes = 150e6
/** So long at most others wait meanwhile, on a busy machine: ten thousand links are one answer of five megabytes. */
const patienceMillis = 2000

interface Created {
  readonly fileId: string
  readonly multiParts: readonly { readonly partSize: number; readonly uploadUrl: string }[]
}

/** The longest part takes no more memory than a short one, and an upload of as many parts as there may be stops nobody. */
export const uploads = async (plan: Plan): Promise<Verdict[]> => [await largePart(plan), await manyParts(plan)]

interface Backup {
  readonly lockId: string
  readonly recordId: string
}

async function beginBackup(client: Client): Promise<Backup> {
  const post = <Body>(path: string, body: object, more = {}) =>
    done<{ readonly data: Body }>(client, { method: 'POST', path, body, ...more })
  const { lockId } = (await post<{ readonly lockId: string }>('/lock', { moduleCode: '101' })).data
  const record = { moduleCode: '101', deviceId: 'torture' }
  const { recordId } = (await post<{ readonly recordId: string }>('/record', record, { lockId })).data
  return { lockId, recordId }
}

const announce = (client: Client, { lockId, recordId }: Backup, body: object): Promise<Created> =>
  done(client, { method: 'POST', path: `/record/${recordId}/file`, lockId, body })

const complete = (client: Client, { fileId }: Created): Promise<unknown> =>
  done(client, { method: 'POST', path: '!/koodrive/ose/v1/files/complete', body: { fileId } })

async function largePart(plan: Plan): Promise<Verdict> {
  const doubts = new Doubts()
  const emulator = await startEmulator(plan.watch, ['--db', ':memory:'])
  const client = clientOf(emulator.url, plan.watch)
  const backup = await beginBackup(client)
  const length = Math.min(largestPart, Math.round(plan.gigabytes * 2 ** 30))
  const warmUp = await announce(client, backup, { fileName: 'small', length: smallestPart })
  await send(emulator, warmUp)
  await complete(client, warmUp)
  const { residentBytes: before } = await emulator.tell({})
  const created = await announce(client, backup, { fileName: 'large', length })
  const since = performance.now()
  const most = await send(emulator, created)
  const seconds = (performance.now() - since) / 1000
  await complete(client, created)
  const more = most - before
  doubts.claim(more < roomBytes, () => `it took ${(more / 1e6).toFixed(0)} MB more than before`)
  client.close()
  await emulator.end('SIGTERM')
  const memory = `resident ${(before / 1e6).toFixed(0)} MB before, ${(most / 1e6).toFixed(0)} MB at most`
  const much = `${grouped(length)} bytes in ${seconds.toFixed(1)} s, ${memory}`
  return { what: 'uploads: a large part in little memory', much, against: doubts.list }
}

const piece = Buffer.alloc(2 ** 20, 'koodrive')

/** Sends the one part of a file, and answers how much memory the emulator had at most meanwhile. */
async function send(emulator: Emulator, { multiParts: [part] }: Created): Promise<number> {
  const { partSize = 0, uploadUrl = '' } = part ?? {}
  const sending = request(uploadUrl, { method: 'PUT', headers: { 'content-length': partSize } })
  const answered = once(sending, 'response')
  let most = 0
  for (let sent = 0; sent < partSize; sent += piece.length) {
    if (!sending.write(piece.subarray(0, partSize - sent))) await once(sending, 'drain')
    if ((sent / piece.length) % 128 === 0) most = Math.max(most, (await emulator.tell({})).residentBytes)
  }
  sending.end()
  const [response] = await answered
  response.resume()
  if (response.statusCode !== 200) throw new Error(`a part was answered ${response.statusCode}`)
  return Math.max(most, (await emulator.tell({})).residentBytes)
}

/** Says in the end how long the slowest of many requests took that somebody else sent meanwhile. */
function ask(client: Client): () => Promise<number> {
  let [isOver, slowest] = [false, 0]
  const asking = (async () => {
    while (!isOver) {
      const since = performance.now()
      await done(client, { method: 'GET', path: '/device' })
      slowest = Math.max(slowest, performance.now() - since)
    }
  })()
  return async () => {
    isOver = true
    await asking
    return slowest
  }
}

async function manyParts(plan: Plan): Promise<Verdict> {
  const doubts = new Doubts()
  const emulator = await startEmulator(plan.watch, ['--db', ':memory:'])
  const [client, other] = [clientOf(emulator.url, plan.watch), clientOf(emulator.url, plan.watch)]
  const millis: string[] = []
  const timed = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const since = performance.now()
    const end = ask(other)
    const result = await work()
    const [took, slowest] = [performance.now() - since, await end()]
    doubts.claim(slowest < patienceMillis, () => `others waited ${slowest.toFixed(0)} ms while it was ${what}`)
    millis.push(`${what} ${took.toFixed(0)} (others ${slowest.toFixed(0)}) ms`)
    return result
  }
  const backup = await beginBackup(client)
  const sizes = Array.from({ length: plan.parts }, (_, index) => ({ partNumber: index + 1, partSize: smallestPart }))
  const huge = { fileName: 'huge', length: plan.parts * smallestPart, multiParts: sizes }
  await timed('announced', () => announce(client, backup, huge))
  const state: Call = { method: 'GET', path: '!/_emulator/worlds/default/state' }
  const exported = await timed('exported', () => done(client, state))
  await done(client, { method: 'PUT', path: state.path, body: small(exported, plan.parts) })
  const created = await timed('listed', () => announce(client, backup, { fileName: 'huge' }))
  await timed('sent', () => sendAll(created))
  await timed('exported', () => done(client, state))
  await timed('completed', () => complete(client, created))
  for (const one of [client, other]) one.close()
  await emulator.end('SIGTERM')
  const much = `${grouped(plan.parts)} parts: ${millis.join(', ')}`
  return { what: 'uploads: many parts without a stutter', much, against: doubts.list }
}

const smallSize = 64

// biome-ignore lint/suspicious/noExplicitAny: a state document
type State = any

/** The same state with parts so small that all of them can be sent. */
function small({ users, ...state }: State, count: number): State {
  const [record] = users.torture.records
  const [file] = record.files
  const multiParts = file.multiParts.map(({ partNumber }: { partNumber: number }) => ({
    partNumber,
    partSize: smallSize,
    partOffset: (partNumber - 1) * smallSize,
  }))
  const records = [{ ...record, files: [{ ...file, size: count * smallSize, multiParts }] }]
  return { ...state, users: { ...users, torture: { ...users.torture, records } } }
}

async function sendAll({ multiParts }: Created): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (const { uploadUrl } of multiParts) {
    const sending = request(uploadUrl, { method: 'PUT', agent, headers: { 'content-length': smallSize } })
    const answered = once(sending, 'response')
    sending.end(piece.subarray(0, smallSize))
    const [response] = await answered
    await once(response.resume(), 'end')
    if (response.statusCode !== 200) throw new Error(`a part was answered ${response.statusCode}`)
  }
  agent.destroy()
}
