import { basePath } from '../schemas/common.ts'
import { xDate } from './client.ts'
import type { Emulator } from './emulator.ts'
import { bytesOf, openWire } from './hostile/fuzz.ts'
import type { Verdict } from './verdict.ts'
import { Doubts } from './verdict.ts'

const rounds = 9
const requestsPerWorld = 40

const words = (count: number): string => Array.from({ length: count }, (_, index) => `w${index}`).join(' ')
const body = JSON.stringify({ moduleCode: '102', ignored: Array.from({ length: 2000 }, (_, index) => `s${index}`) })

async function send(
  { port }: Emulator,
  method: string,
  target: string,
  authorization = 'Bearer usual-token',
  text?: string,
) {
  const headers = [`Authorization: ${authorization}`, 'X-User-Id: u', `X-Date: ${xDate()}`]
  const wire = await openWire(port)
  const begun = performance.now()
  await wire.send(bytesOf({ method, target, headers, body: text }))
  const answer = await wire.answer()
  wire.end()
  return { ...answer, millis: performance.now() - begun }
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

/** An `Authorization` of 1,500 words costs little when it is kept, and nothing when it is read. */
export async function wordy(emulator: Emulator): Promise<Verdict> {
  const doubts = new Doubts()
  const kinds = { usual: 'Bearer usual-token', wordy: words(1500) }
  const writes: Record<string, number[]> = { usual: [], wordy: [] }
  for (const world of Object.keys(kinds)) await send(emulator, 'PUT', `/_emulator/worlds/${world}`)
  for (let count = 0; count < requestsPerWorld; count += 1) {
    for (const [world, authorization] of Object.entries(kinds)) {
      const { millis } = await send(emulator, 'POST', `/worlds/${world}${basePath}/lock`, authorization, body)
      writes[world]?.push(millis)
    }
  }
  const reads: Record<string, number[]> = { usual: [], wordy: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const world of Object.keys(kinds)) {
      const { millis, body: text } = await send(emulator, 'GET', `/_emulator/worlds/${world}/requests`)
      reads[world]?.push(millis)
      doubts.claim(JSON.parse(text).requests.length > 0, () => `the journal of ${world} is empty`)
    }
  }
  const costs = (of: Record<string, number[]>) => [median(of['usual'] ?? []), median(of['wordy'] ?? [])] as const
  const [[read, wordyRead], [write, wordyWrite]] = [costs(reads), costs(writes)]
  doubts.claim(wordyRead < 2 * read, () => `a read takes ${wordyRead.toFixed(1)} ms, usually ${read.toFixed(1)} ms`)
  const much = `reads ${(wordyRead / read).toFixed(2)} x the usual, writes ${write.toFixed(1)} ms, then ${wordyWrite.toFixed(1)} ms`
  return { what: 'secrets: an Authorization of 1,500 words', much, against: doubts.list }
}

/** Names of the API that somebody may use as a token: nothing that is shown is garbled. */
export async function namesakes(emulator: Emulator): Promise<Verdict> {
  const doubts = new Doubts()
  const names = ['koodrive', 'machineCode', 'application']
  for (const name of names) {
    await send(emulator, 'DELETE', '/_emulator/worlds/names/requests')
    const target = `/worlds/names${basePath}/device`
    const sent = { machineCode: 'application', deviceName: 'koodrive' }
    await send(emulator, 'POST', target, `Bearer ${name}`, JSON.stringify(sent))
    const { body: text } = await send(emulator, 'GET', '/_emulator/worlds/names/requests')
    const [entry] = JSON.parse(text).requests
    doubts.claim(
      entry?.path === target && JSON.stringify(entry.requestBody) === JSON.stringify(sent),
      () => `Bearer ${name}: ${text}`,
    )
  }
  return { what: 'secrets: names of the API garble nothing', much: names.join(', '), against: doubts.list }
}
