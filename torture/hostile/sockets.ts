import { readdirSync } from 'node:fs'
import { setTimeout as passing } from 'node:timers/promises'
import { basePath } from '../../schemas/common.ts'
import type { Wire } from '../../test/fixtures/socket.ts'
import { xDate } from '../client.ts'
import { diceOf } from '../dice.ts'
import type { Emulator } from '../emulator.ts'
import { startEmulator } from '../emulator.ts'
import type { Plan } from '../plan.ts'
import type { Verdict } from '../verdict.ts'
import { Doubts, grouped } from '../verdict.ts'
import { canaries } from '../watch.ts'
import { bytesOf, defectOf, openWire } from './fuzz.ts'
import type { Hostile } from './requests.ts'

const honest = (body: string, target = `${basePath}/device`): Hostile => ({
  method: 'POST',
  target,
  headers: [
    `Authorization: Bearer ${canaries.token}`,
    'X-User-Id: socket',
    `X-Date: ${xDate()}`,
    'Content-Type: application/json',
  ],
  body,
})

// Made when they are sent: their date is good for a quarter of an hour.
const good = () => bytesOf(honest('{"machineCode":"SOCKET"}'))
const limit = 12 * 1024 * 1024
const deep = 100_000

/** A body of so many bytes. */
const sized = (length: number): string => {
  const frame = '{"machineCode":"SOCKET","ignored":""}'
  return frame.replace('""', `"${'i'.repeat(length - frame.length)}"`)
}

const control = (path: string, body: string, method = 'POST'): Hostile => ({
  method,
  target: `/_emulator/worlds/deep${path}`,
  headers: ['Host: localhost'],
  body,
})

const arrays = `${'['.repeat(deep)}${']'.repeat(deep)}`

/** Whole requests that ask for too much, and those that just do not. */
const heavy = (): readonly Hostile[] => [
  honest(sized(limit)),
  honest(sized(limit + 1)),
  honest(`{"machineCode":"SOCKET","ignored":${arrays}}`),
  honest(arrays),
  honest(`${'['.repeat(8192)}${']'.repeat(8192)}`, `/worlds/deep${basePath}/device`), // the deepest that a journal keeps whole
  control('/requests', '', 'GET'),
  control('/requests.har', '', 'GET'),
  control('/review', '', 'GET'),
  control('/explain', `{"method":"POST","path":"/","headers":{},"body":${arrays}}`),
  control('/faults', `{"operations":"*","body":{"/a":${arrays}},"effect":{"type":"reset"}}`),
  control(
    '/faults',
    `{"operations":["batchAddBackupScope"],"effect":{"type":"failItems","match":${arrays},"errorCode":"1"}}`,
  ),
  control('', `{"seed":${arrays}}`, 'PUT'),
  control('/state', `{"users":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`, 'PUT'),
]

export async function attack(plan: Plan): Promise<Verdict> {
  const doubts = new Doubts()
  const emulator = await startEmulator(plan.watch, ['--db', ':memory:'])
  const requests = heavy()
  for (const request of requests) await sendHeavy(request, emulator, doubts)
  const count = plan.short ? 30 : 2000
  await besiege(emulator, plan, count, doubts)
  await mangle(emulator, plan, plan.short ? 60 : 20_000, doubts)
  const { code } = await emulator.end('SIGTERM')
  doubts.claim(code === 0, () => `it ended with ${code}`)
  doubts.claim(!/"level":[56]0/.test(emulator.output()), () => `the log has errors: ${emulator.output()}`)
  const much = `${requests.length} heavy requests, ${grouped(count)} idle sockets, ${grouped(plan.short ? 60 : 20_000)} mangled streams`
  return { what: 'hostile: raw sockets', much, against: doubts.list }
}

async function sendHeavy(request: Hostile, { port }: Emulator, doubts: Doubts): Promise<void> {
  const wire = await openWire(port)
  void wire.send(bytesOf(request))
  const defect = defectOf(request, await wire.answer())
  doubts.claim(
    defect === undefined,
    () => `${request.method} ${request.target} ${request.body?.slice(0, 60)}: ${defect}`,
  )
  wire.end()
}

const openFiles = ({ pid }: Emulator): number => readdirSync(`/proc/${pid}/fd`).length

/** A crowd that begins a request and never ends it: others are served on, and once it is gone, so is all that it took. */
async function besiege(emulator: Emulator, plan: Plan, count: number, doubts: Doubts): Promise<void> {
  const dice = diceOf(plan.seed)
  const before = openFiles(emulator)
  const crowd: Wire[] = []
  for (let index = 0; index < count; index += 1) {
    const wire = await openWire(emulator.port)
    crowd.push(wire)
    await wire.send(good().subarray(0, dice.below(good().length)))
  }
  const begun = performance.now()
  await serves(emulator, doubts, 'amid a crowd')
  const millis = performance.now() - begun
  doubts.claim(millis < 2000, () => `amid a crowd an answer took ${millis.toFixed(0)} ms`)
  for (const wire of crowd) wire.reset()
  for (let wait = 0; openFiles(emulator) > before + 2 && wait < 100; wait += 1) await passing(50)
  doubts.claim(
    openFiles(emulator) <= before + 2,
    () => `${openFiles(emulator)} files are open, ${before} before the crowd`,
  )
}

async function serves({ port }: Emulator, doubts: Doubts, when: string): Promise<void> {
  const wire = await openWire(port)
  await wire.send(good())
  const { status, body } = await wire.answer()
  doubts.claim(status === 200, () => `${when}: ${status} ${body}`)
  wire.end()
}

/** Requests sent ahead of their answers, with bytes changed, lost, doubled or cut: each stream ends, with answers in their form. */
async function mangle(emulator: Emulator, plan: Plan, count: number, doubts: Doubts): Promise<void> {
  const dice = diceOf(plan.seed + 1)
  const seeds = [
    good(),
    bytesOf(honest('', `${basePath}/device`)),
    bytesOf(honest('{}', `${basePath}/lock`)),
    chunkedOf('{"machineCode":"CHUNKED"}'),
  ]
  for (let index = 0; index < count; index += 1) {
    let bytes: Buffer = Buffer.concat(Array.from({ length: dice.between(1, 3) }, () => dice.pick(seeds)))
    for (let change = dice.between(1, 4); change > 0; change -= 1) bytes = changed(bytes, dice)
    const wire = await openWire(emulator.port)
    void wire.send(bytes)
    wire.end()
    const text = await Promise.race([wire.rest().catch(String), passing(10_000).then(() => 'HANGS')])
    plan.watch.see(text, 'the answers to a mangled stream')
    const isSound = text !== 'HANGS' && !/HTTP\/1\.1 5\d\d/.test(text)
    doubts.claim(isSound, () => `${JSON.stringify(bytes.toString('latin1'))} was answered ${text}`)
    if (index % 500 === 0) await serves(emulator, doubts, `after ${index} mangled streams`)
  }
}

const chunkedOf = (body: string): Buffer => {
  const [head = ''] = good()
    .toString('latin1')
    .split(/Content-Length/)
  return Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)
}

const tricks = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ':',
  ' ',
  '\xff\xfe',
  '%',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
  'HTTP/1.0',
  '{',
  '"',
  '-1',
  '99999999999999999999',
]

function changed(bytes: Buffer, dice: ReturnType<typeof diceOf>): Buffer {
  const [at, length] = [dice.below(bytes.length + 1), dice.between(1, 30)]
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (dice.below(5)) {
    case 0:
      return Buffer.concat([before, Buffer.from([dice.below(256)]), after.subarray(1)])
    case 1:
      return Buffer.concat([before, after.subarray(length)])
    case 2:
      return Buffer.concat([before, after.subarray(0, length), after])
    case 3:
      return Buffer.concat([before, Buffer.from(dice.pick(tricks), 'latin1'), after])
    default:
      return dice.chance(0.2)
        ? before
        : Buffer.concat([before, Buffer.from(dice.pick(tricks), 'latin1').subarray(0, 1), after])
  }
}
