import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import http from 'node:http'
import type { Emulator } from '../emulator.ts'
import { bytesOf, openWire } from '../hostile/fuzz.ts'
import type { Hostile } from '../hostile/requests.ts'
import type { Watch } from '../watch.ts'
import { request } from './request.ts'

/** Everything that shows what was sent or what is stored. */
export const views = [
  '',
  '/state',
  '/archive',
  '/clock',
  '/snapshots',
  '/faults',
  '/requests',
  '/requests?view=summary',
  '/requests?q=token',
  '/requests/count',
  '/requests.har',
  '/review',
  '/coverage',
]

export async function look(emulator: Emulator, which: readonly string[], watch: Watch): Promise<void> {
  for (const name of ['default', 'secrets']) {
    for (const view of which) await send(emulator, request('GET', `/_emulator/worlds/${name}${view}`, []), watch)
  }
}

/** Each exchange that is still kept, by itself, explained with advice and sent once more. */
export async function lookInto(emulator: Emulator, watch: Watch): Promise<number> {
  let count = 0
  for (const name of ['default', 'secrets']) {
    const address = `/_emulator/worlds/${name}`
    const list = await fetch(`${emulator.url}${address}/requests?view=summary&limit=100`)
    const { requests = [] }: { requests?: { id: number }[] } = Object(await list.json())
    for (const { id } of requests) {
      await send(emulator, request('GET', `${address}/requests/${id}`, []), watch)
      await send(emulator, request('GET', `${address}/requests/${id}.har`, []), watch)
      const question = JSON.stringify({ request: id, advice: true })
      await send(emulator, request('POST', `${address}/explain`, [], question), watch)
      if (id % 5 === 0) await send(emulator, request('POST', `${address}/requests/${id}/replay`, [], '{}'), watch)
      count += 3
    }
    await send(emulator, request('GET', `${address}/diff?from=request:1`, []), watch)
  }
  return count
}

/** Everything that a stream tells; names of worlds that are called like a secret are names all the same. */
export async function listenTo({ url }: Emulator, watch: Watch): Promise<IncomingMessage> {
  const [stream] = await once(
    http.get(`${url}/_emulator/events?world=secrets&world=default&changes=secrets&changes=default`, { agent: false }),
    'response',
  )
  return stream
    .setEncoding('utf8')
    .on('data', watch.stream('the stream of events'))
    .on('error', () => undefined)
}

export async function send({ port }: Emulator, one: Hostile, watch: Watch): Promise<number> {
  const wire = await openWire(port)
  await wire.send(bytesOf(one))
  const { status, headers, body } = await wire.answer()
  wire.end()
  watch.see(`${JSON.stringify(headers)}${body}`, `the answer to ${one.method} ${one.target}`)
  return status
}
