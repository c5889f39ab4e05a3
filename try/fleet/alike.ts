import assert from 'node:assert/strict'
import net from 'node:net'
import { basePath } from '../../schemas/common.ts'
import type { Ask, Reply } from './client.ts'
import { ask, call, honest, jsonOf } from './client.ts'
import { coverRoutes, effects, last, steps } from './questions.ts'

/** Of an answer, what does not depend on when and where it was given. */
function shown(reply: Reply, base: string): unknown {
  const type = reply.headers['content-type']
  const text = reply.body.toString('latin1')
  const body = /^text\/plain|vnd\.koodrive/.test(String(type)) ? text.slice(0, 20) : placeless(text, base)
  return [reply.status, type, reply.headers['x-emulator-reason'], reply.isTorn, body]
}

const placeless = (text: string, base: string): string =>
  text
    .replaceAll(base, 'BASE')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/"\d{18,19}"/g, '"ID"')
    .replace(/[0-9A-F-]{32,36}/gi, 'UUID')
    .replace(/"uptimeSeconds":[\d.]+/, '')
    .replace(/"(lastId|random)":"[^"]*"/g, '')

/** What is answered to each step; faults tell as well how often they matched and fired. */
async function answersOf(base: string, world: string): Promise<Map<string, unknown>> {
  const answers = new Map<string, unknown>()
  const inWorld = (target: string) => target.replaceAll('%57', encoded(world)).replace(/\bW\b/g, world)
  const take = async (list: typeof steps) => {
    for (const [what, target, { headers = {}, ...more } = {}] of list) {
      const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, inWorld(String(value))]))
      const isApi = target.includes(basePath)
      const reply = await ask(base, inWorld(target), { ...more, headers: { ...(isApi ? honest() : {}), ...named } })
      answers.set(what, shown(reply, base))
      if (what === 'exportArchive') {
        const adopted = await ask(base, inWorld('/_emulator/worlds/W/archive'), { method: 'PUT', body: reply.body })
        answers.set('adoptArchive', shown(adopted, base))
      }
    }
  }
  await take(steps)
  for (const effect of effects) {
    for (const method of ['GET', 'POST'])
      answers.set(`${JSON.stringify(effect)} ${method}`, await underFault(base, world, effect, method))
  }
  answers.set(
    'watchRequests',
    await watched(base, world, `worlds/${world}/requests/stream`, ': watching', 'event: request'),
  )
  answers.set('watchEvents', await watched(base, world, `events?world=${world}`, 'event: hello', 'event: requests'))
  answers.set('an upload', await uploaded(base, world))
  await take(last)
  for (const [what, text] of Object.entries(raw)) answers.set(what, await bytes(base, text))
  return answers
}

const encoded = (world: string): string => `%${world.charCodeAt(0).toString(16)}${world.slice(1)}`

async function underFault(base: string, world: string, effect: object, method: string): Promise<unknown> {
  const faults = `/_emulator/worlds/${world}/faults`
  const fault = { operations: ['bindDevice', 'listBoundDevice'], when: { first: 1 }, effect }
  const made = await ask(base, faults, { method: 'POST', body: fault })
  const started = process.hrtime.bigint()
  const body = { machineCode: `${method}-${JSON.stringify(effect)}` }
  const reply = await call(base, world, '/device', method === 'GET' ? {} : { method, body })
  const isSlow = process.hrtime.bigint() - started > 50_000_000n
  const { faults: [counted] = [] } = jsonOf(await ask(base, faults)) as { faults?: { matched: number; hits: number }[] }
  await ask(base, faults, { method: 'DELETE' })
  const waits = /latency|slow/.test(JSON.stringify(effect)) && isSlow
  return [made.status, shown(reply, base), counted?.matched, counted?.hits, waits]
}

/** The greeting and the first event, which must not be held back. */
function watched(base: string, world: string, path: string, greeting: string, event: string): Promise<unknown> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname)
    let text = ''
    const end = (outcome: string) => {
      socket.destroy()
      resolve(outcome)
    }
    const late = setTimeout(() => end(`late: ${text}`), 3000)
    socket.on('data', (piece) => {
      text += piece
      if (text.includes(event)) {
        clearTimeout(late)
        return end('told at once')
      }
      if (text.includes(greeting)) void call(base, world, '/device')
    })
    socket.on('error', () => end('cut'))
    socket.write(`GET /_emulator/${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
  })
}

/** An upload of 24 MiB in four parts, to the addresses that the answer says. */
async function uploaded(base: string, world: string): Promise<unknown> {
  const of = async (target: string, more: Ask) => jsonOf(await call(base, world, target, more))
  const { data: lock } = await of('/lock', { method: 'POST', body: { moduleCode: '100' } })
  const headers = { 'x-backup-lock-id': Object(lock).lockId }
  const { data: device } = await of('/device', { method: 'POST', body: { machineCode: 'uploads' } })
  const body = { moduleCode: '100', deviceId: Object(device).deviceId }
  const { data: record } = await of('/record', { method: 'POST', body, headers })
  const file = { fileName: 'f', length: 24 * 1024 * 1024, sha256: 'AB'.repeat(32) }
  const { multiParts } = await of(`/record/${Object(record).recordId}/file`, { method: 'POST', body: file, headers })
  const outcomes: unknown[] = []
  for (const { uploadUrl = '', partSize = 0 } of (multiParts ?? []) as { uploadUrl?: string; partSize?: number }[]) {
    const { pathname, search } = new URL(uploadUrl)
    const sent = await ask(base, pathname + search, { method: 'PUT', body: Buffer.alloc(partSize, 1) })
    outcomes.push([uploadUrl.startsWith(`${base}/worlds/${world}/`), sent.status])
  }
  assert.ok(outcomes.length > 0, 'there are parts to send')
  return outcomes
}

const device = `${basePath}/device`
const raw = {
  'a broken percent-encoding': `GET ${basePath}/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  'a head above 16 KiB': `GET ${device} HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`,
  'a head of 14 KiB': `GET ${device} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ${'a'.repeat(14_000)}\r\n\r\n`,
  'no HTTP': 'BROKEN\r\n\r\n',
  'no Host': `GET ${device} HTTP/1.1\r\nConnection: close\r\n\r\n`,
  'Expect: 100-continue': `POST ${device} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
} as const

/** The status of the last answer, and the code in it. */
function bytes(base: string, text: string): Promise<unknown> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(text))
    let got = ''
    const end = () => {
      socket.destroy()
      const statuses = [...got.matchAll(/^HTTP\/1\.[01] (\d+)/gm)].map(([, status]) => status)
      resolve([statuses.at(-1), /"code":(\d+)/.exec(got)?.[1]])
    }
    const late = setTimeout(end, 2000)
    socket.on('data', (piece) => {
      got += piece
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(late)
      end()
    })
  })
}

/**
 * Asks the same directly and through a proxy.
 *
 * @param known what is answered otherwise, and why
 */
export async function compare(direct: string, proxy: string, known: Readonly<Record<string, string>>): Promise<string> {
  coverRoutes()
  const [own, through] = [await answersOf(direct, 'Wd'), await answersOf(proxy, 'Wd')]
  const differing = [...own.keys()].filter(
    (what) => JSON.stringify(own.get(what)) !== JSON.stringify(through.get(what)),
  )
  const unknown = differing.filter((what) => !(what in known))
  const detail = unknown.map(
    (what) => `${what}: ${JSON.stringify(own.get(what))} is ${JSON.stringify(through.get(what))}`,
  )
  assert.deepEqual(detail, [], 'answered otherwise than by the emulator itself')
  const gone = Object.keys(known).filter((what) => !differing.includes(what))
  assert.deepEqual(gone, [], 'in the list of differences, and the same')
  return `${own.size} questions; otherwise: ${differing.map((what) => `${what} (${known[what]})`).join(', ') || 'none'}.`
}
