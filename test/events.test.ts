import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import http from 'node:http'
import type { TSchema } from '@sinclair/typebox'
import type { Test } from 'tap'
import t from 'tap'
import { events } from '../schemas/inspector.ts'
import { EventLog } from '../src/control/event-log.ts'
import { compileDefect } from '../src/http/validation.ts'
import type { Seen } from './fixtures/client.ts'
import { batch, driven, exchange, jsonOf } from './fixtures/client.ts'

interface Told {
  readonly id: string
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every form
  readonly data: any
}

const forms: Readonly<Record<string, TSchema>> = events

/** Events of a stream so far, each held against its contract. */
function eventsIn(text: string): Told[] {
  return [...text.matchAll(/^id: (\S+)\nevent: (\w+)\ndata: (.*)\n\n/gm)].map(([, id = '', event = '', data = '']) => {
    const parsed = JSON.parse(data)
    const form = forms[event]
    const defect = form ? compileDefect(form, event)(parsed) : 'is no event'
    if (defect !== undefined) throw new Error(defect)
    return { id, event, data: parsed }
  })
}

/** A reader of `/events`, which collects what it is told until it has what it waits for. */
class Reader {
  readonly response: IncomingMessage
  text = ''

  constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8').on('data', (piece: string) => {
      this.text += piece
      response.emit('more')
    })
  }

  get told(): Told[] {
    return eventsIn(this.text)
  }

  async until(isEnough: (told: readonly Told[]) => boolean): Promise<Told[]> {
    while (!isEnough(this.told)) await once(this.response, 'more')
    return this.told
  }

  /** All entries of `requests` so far. */
  get ids(): number[] {
    return this.told.flatMap(({ event, data }) =>
      event === 'requests' ? data.entries.map((entry: { id: number }) => entry.id) : [],
    )
  }

  async untilIds(count: number): Promise<number[]> {
    await this.until(() => this.ids.length >= count)
    return this.ids
  }
}

async function read(t: Test, { url }: { readonly url: string }, query = '', headers = {}): Promise<Reader> {
  const request = http.get(`${url}/_emulator/events${query}`, { agent: false, headers })
  const [response] = await once(request, 'response')
  t.teardown(() => response.destroy())
  return new Reader(response)
}

const list = { method: 'GET', path: '/device' }

t.test('one stream tells of everything, in all worlds, in the order in which it happens', async (t) => {
  const emulator = await driven(t)
  const reader = await read(t, emulator)
  t.match(reader.response.headers, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'cross-origin-resource-policy': 'same-origin',
  })
  await emulator.send({ body: batch('/a', 'bad'), world: 'one' })
  await reader.untilIds(1)
  await emulator.steer('PATCH', '/clock', { frozen: true, now: '2026-01-01T00:00:00Z' }, 'one')
  const fault = await emulator.fault({ operations: '*', effect: { type: 'refuse', error: 'throttled' } }, 'one')
  await emulator.send({ ...list, world: 'one' })
  await reader.untilIds(2)
  await emulator.steer('PATCH', `/faults/${fault.id}`, { paused: true }, 'one')
  await emulator.steer('DELETE', `/faults/${fault.id}`, undefined, 'one')
  await emulator.steer('DELETE', '/faults', undefined, 'one')
  await emulator.steer('POST', '/snapshots/s', undefined, 'one')
  await emulator.steer('POST', '/snapshots/s/restore', undefined, 'one')
  await emulator.steer('PUT', '/state', {}, 'one')
  await emulator.steer('DELETE', '/snapshots/s', undefined, 'one')
  await emulator.steer('DELETE', '/requests?upTo=1', undefined, 'one')
  await emulator.steer('DELETE', '/requests', undefined, 'one')
  await emulator.steer('POST', '/reset', undefined, 'one')
  await emulator.steer('DELETE', '', undefined, 'one')
  await emulator.steer('PUT', '', {}, 'one')
  const told = await reader.until((so) => so.at(-1)?.data.change === 'made' && so.length > 5)
  const numbers = told.map(({ id }) => Number(id.split('-')[1]))
  t.ok(numbers.every((number, place) => place === 0 || number > Number(numbers[place - 1])))
  const [hello, ...rest] = told
  t.match(hello, { event: 'hello', data: { process: hello?.id.split('-')[0], version: /^\d/ } })
  t.match(rest, [
    { event: 'world', data: { name: 'one', change: 'made' } },
    {
      event: 'requests',
      data: {
        world: 'one',
        entries: [{ id: 1, outcome: 'partial', worked: true, items: { done: 1, failed: 1 }, userId: /\d/ }],
        skipped: 0,
        dropped: 0,
      },
    },
    { event: 'clock', data: { world: 'one', frozen: true, now: '2026-01-01T00:00:00.000Z' } },
    { event: 'faults', data: { faults: [{ id: fault.id, hits: 0, paused: false }] } },
    { event: 'requests', data: { entries: [{ id: 2, outcome: 'injected', worked: false, fault: fault.id }] } },
    { event: 'faults', data: { faults: [{ hits: 1 }] } },
    { event: 'faults', data: { faults: [{ paused: true }] } },
    { event: 'faults', data: { faults: [] } },
    { event: 'faults', data: { faults: [] } },
    { event: 'snapshots', data: { snapshots: [{ label: 's' }] } },
    { event: 'world', data: { change: 'restored' } },
    { event: 'world', data: { change: 'imported' } },
    { event: 'snapshots', data: { snapshots: [] } },
    { event: 'journal', data: { world: 'one', cleared: true, upTo: 1 } },
    { event: 'journal', data: { world: 'one', cleared: true, upTo: undefined } },
    { event: 'world', data: { change: 'reset' } },
    { event: 'world', data: { change: 'dropped' } },
    { event: 'world', data: { change: 'made' } },
  ])
  const generations = rest.flatMap(({ event, data }) => (event === 'world' ? [data.generation] : []))
  const [made, restored, imported, reset, dropped, again] = generations
  t.same([restored, imported], [made, made], 'the journal goes on, and so do its ids')
  t.ok(reset > made && dropped === reset && again > reset, 'ids begin again')
  t.match(jsonOf(await emulator.steer('GET', '', undefined, 'one')), { generation: again })
})

t.test('a stream of some worlds tells of these alone', async (t) => {
  const emulator = await driven(t)
  const reader = await read(t, emulator, '?world=one&world=two')
  for (const world of ['one', 'other', 'two']) await emulator.send({ ...list, world })
  const told = await reader.until((so) => so.filter(({ event }) => event === 'requests').length === 2)
  t.same([...new Set(told.slice(1).map(({ data }) => data.world ?? data.name))], ['one', 'two'])
  const wrong = await exchange(`${emulator.url}/_emulator/events?world=a%20b`, 'GET', {})
  t.match(jsonOf(wrong), { status: 400, detail: /^query\/world\/0 is a string of 3/ })
  t.match(jsonOf(await exchange(`${emulator.url}/_emulator/events?worlds=a`, 'GET', {})), {
    detail: 'query/worlds is not a known property',
  })
  t.equal((await exchange(`${emulator.url}/_emulator/events`, 'HEAD', {})).text, '')
})

t.test('whoever comes back goes on after the event that they had last, or learns that there is a gap', async (t) => {
  const emulator = await driven(t)
  const first = await read(t, emulator)
  await emulator.send(list)
  await first.untilIds(1)
  const last = String(first.told.at(-1)?.id)
  first.response.destroy()
  await emulator.send(list)
  await emulator.steer('PATCH', '/clock', { advance: 'PT1M' })
  await emulator.send(list)
  for (const [query, headers] of [
    ['', { 'last-event-id': last }],
    [`?after=${last}`, {}],
  ] as const) {
    const again = await read(t, emulator, query, headers)
    const told = await again.until((so) => so.length >= 4)
    t.match(told, [
      { event: 'hello' },
      { event: 'requests', data: { entries: [{ id: 2 }] } },
      { event: 'clock' },
      { event: 'requests', data: { entries: [{ id: 3 }] } },
    ])
  }
  for (const unknown of ['0123456789ab-1', `${last}0000`, 'x', '']) {
    const other = await read(t, emulator, '', { 'last-event-id': unknown })
    t.match(await other.until((so) => so.length >= 2), [{ event: 'hello' }, { event: 'gap', data: { world: null } }])
  }

  await t.test('and so does who was away while a thousand things happened', async (t) => {
    for (let round = 0; round < 1001; round += 1) emulator.plane.events.noteClock(emulator.world)
    const late = await read(t, emulator, '', { 'last-event-id': last })
    t.match(await late.until((so) => so.length >= 2), [{ event: 'hello' }, { event: 'gap' }])
  })
})

t.test('what was done in a world is told whole before that it is begun anew or gone', async (t) => {
  const { plane, world, send } = await driven(t)
  await send(list)
  const { stream } = plane.events.read({}, undefined)
  const [entry] = world.journal.entries
  const { id: _, ...recorded } = { ...entry, id: 0 } as NonNullable<typeof entry>
  const { worlds } = plane
  worlds.use('one').journal.add({ ...recorded })
  worlds.reset(worlds.use('one'))
  worlds.use('one').journal.add({ ...recorded })
  worlds.remove('one')
  const requests = { event: 'requests', data: { entries: [{ id: 1 }], skipped: 0 } }
  const change = (name: string) => ({ event: 'world', data: { name: 'one', change: name } })
  const told = [{ event: 'hello' }, change('made'), requests, change('reset'), requests, change('dropped')]
  t.match(eventsIn(String(stream.read())), told)
  stream.destroy()
})

t.test('a burst is told as its newest entries and how many more there were', async (t) => {
  const emulator = await driven(t)
  await emulator.send(list)
  const [entry] = emulator.world.journal.entries
  const reader = await read(t, emulator)
  const { id: _, ...recorded } = { ...entry, id: 0 } as NonNullable<typeof entry>
  for (let round = 0; round < 500; round += 1) emulator.world.journal.add({ ...recorded })
  const told = await reader.until((so) => so.length >= 2)
  const { entries, skipped } = told[1]?.data ?? {}
  t.same([entries.length, skipped, entries[0].id, entries.at(-1).id], [50, 450, 452, 501])
  await emulator.steer('DELETE', '/requests')
  emulator.world.journal.add({ ...recorded, path: `/${'x'.repeat(16_000)}` })
  for (let round = 0; round < 50; round += 1)
    emulator.world.journal.add({ ...recorded, path: `/${round}${'x'.repeat(16_000)}` })
  const long = await reader.until((so) => so.filter(({ event }) => event === 'requests').length >= 2)
  const last = long.at(-1)?.data
  t.ok(last.entries.length >= 1 && last.entries.length < 20, 'and of long ones, fewer')
  t.equal(last.entries.length + last.skipped, 51)
})

t.test('somebody who does not read costs less than a megabyte, and learns of the gap', async (t) => {
  const emulator = await driven(t)
  await emulator.send(list)
  const [entry] = emulator.world.journal.entries
  const { id: _, ...recorded } = { ...entry, id: 0 } as NonNullable<typeof entry>
  const request = http.get(`${emulator.url}/_emulator/events`, { agent: false })
  const [response] = await once(request, 'response')
  t.teardown(() => response.destroy())
  const log = emulator.plane.events
  for (let round = 0; round < 3000; round += 1) {
    emulator.world.journal.add({ ...recorded, path: `/${'x'.repeat(2000)}${round}` })
    log.noteCleared(emulator.world)
  }
  globalThis.gc?.()
  const sockets = emulator.server.server as unknown as { _connections?: number }
  t.ok(sockets)
  const reader = new Reader(response)
  const told = await reader.until((so) => so.some(({ event }) => event === 'gap'))
  const before = told.slice(
    0,
    told.findIndex(({ event }) => event === 'gap'),
  )
  const characters = before.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0)
  t.ok(characters < 1_000_000, `${characters} characters waited`)
})

t.test('a stream that has nothing to tell beats, and ends with the emulator', async (t) => {
  const emulator = await driven(t)
  const log = new EventLog(emulator.worlds, '1', 5)
  const reader = log.read({}, undefined)
  let text = ''
  reader.stream.setEncoding('utf8').on('data', (piece) => {
    text += piece
  })
  while (!text.includes(': beat\n\n: beat\n\n')) await once(reader.stream, 'data')
  reader.stream.destroy()
  await once(reader.stream, 'close')
  const other = await read(t, emulator)
  const ended = once(other.response, 'end')
  await emulator.server.close()
  await ended
})

t.test('what requests change is noted while a stream names their world, and costs nothing otherwise', async (t) => {
  const emulator = await driven(t)
  const isOn = () => emulator.worlds.find('one')?.store.rowChanges.isOn
  const changesOf = async (id: number): Promise<unknown> =>
    jsonOf(await emulator.steer('GET', `/requests/${id}`, undefined, 'one')).changes
  await emulator.send({ body: batch('/a'), world: 'one' })
  t.equal(isOn(), false)
  t.equal(await changesOf(1), null, 'nobody noted it')
  const [first, second] = [await read(t, emulator, '?changes=one'), await read(t, emulator, '?changes=one&changes=two')]
  t.equal(isOn(), true)
  await emulator.send({ body: batch('/b'), world: 'one' })
  await emulator.send({ ...list, world: 'one' })
  await first.untilIds(2)
  t.match(await changesOf(2), [{ entity: 'scope', change: 'added', after: { localPath: '/b' } }])
  t.same(await changesOf(3), [], 'it changed nothing')
  await emulator.steer('POST', '/reset', undefined, 'one')
  t.equal(isOn(), true, 'whichever world bears the name')
  first.response.destroy()
  second.response.destroy()
  while (isOn()) await new Promise(setImmediate)
  await emulator.send({ body: batch('/c'), world: 'one' })
  t.equal(await changesOf(1), null)
})

t.test('with changes: true, or --changes on, they are noted always', async (t) => {
  const emulator = await driven(t, { changes: 'on' })
  const changesIn = async (world: string): Promise<unknown> => {
    await emulator.send({ body: batch('/a'), world })
    return jsonOf(await emulator.steer('GET', '/requests/1', undefined, world)).changes
  }
  await emulator.steer('PUT', '', { changes: false }, 'off')
  t.match(jsonOf(await emulator.steer('GET', '', undefined, 'off')), { settings: { changes: false } })
  t.match(await changesIn('on'), [{ entity: 'scope' }])
  t.equal(await changesIn('off'), null)
  const usual = await driven(t)
  await usual.steer('PUT', '', { changes: true }, 'on')
  await usual.send({ body: batch('/a'), world: 'on' })
  t.match(jsonOf(await usual.steer('GET', '/requests/1', undefined, 'on')).changes, [{ entity: 'scope' }])
})

t.test('its own page may drive it under whatever name it was reached, other pages may not', async (t) => {
  const emulator = await driven(t)
  const port = new URL(emulator.url).port
  const ask = (headers: Record<string, string>, method = 'POST'): Promise<Seen> =>
    exchange(`${emulator.url}/_emulator/worlds/one/reset`, method, { ...headers, 'content-length': '0' })
  for (const [host, origin, status] of [
    [`192.168.1.5:${port}`, `http://192.168.1.5:${port}`, 200],
    [`koodrive:${port}`, `http://koodrive:${port}`, 200],
    [`koodrive:${port}`, `https://koodrive:${port}`, 200], // behind a proxy that ends TLS
    [`KooDrive:${port}`, `http://koodrive:${port}`, 200],
    [`koodrive:${port}`, `http://koodrive:${Number(port) + 1}`, 403],
    [`koodrive:${port}`, 'http://elsewhere', 403],
    [`rebound.example:${port}`, `http://rebound.example:${port}`, 403],
    [`koodrive:${port}`, 'null', 403],
  ] as const) {
    const seen = await ask({ host, origin })
    t.equal(seen.status, status, `${host} ${origin}`)
    t.equal(seen.headers['cross-origin-resource-policy'], 'same-origin')
  }
})

t.test('the catalogue says what forms are made of and what citations mean, and need not be sent twice', async (t) => {
  const emulator = await driven(t)
  const get = (headers = {}): Promise<Seen> => exchange(`${emulator.url}/_emulator/catalogue`, 'GET', headers)
  const first = await get()
  t.match(jsonOf(first), {
    version: /^\d/,
    statements: { 'CFG-2': { standing: 'documented', sentence: /compare-and-set/ } },
    effects: { latency: { properties: { ms: { type: 'integer' } } } },
    timings: { nth: { properties: { nth: {} } } },
  })
  const { operations, errors, gateway, rules, statements } = jsonOf(first)
  const named = (id: string) => operations.find((one: { id: string }) => one.id === id)
  t.match(named('batchAddBackupScope'), { namesDevice: true, hasBody: true, lock: false, items: 'scopeList' })
  t.match(named('createBackupRecord'), { lock: true, items: null, path: '/koodrive/ose/v1/backup/record' })
  t.ok(errors.some(({ key, code }: { key: string; code: number }) => key === 'valueMismatch' && code === 13990409))
  t.ok(gateway.some(({ code }: { code: string }) => code === 'APIGW.0308'))
  for (const { rule, title, facts } of rules) {
    t.ok(title.length > 3 && facts.length > 0, rule)
    for (const id of facts) t.ok(Object.hasOwn(statements, id), id)
  }
  const { etag } = first.headers
  t.equal((await get({ 'if-none-match': String(etag) })).status, 304)
  t.equal((await get({ 'if-none-match': '"other"' })).status, 200)
  const review = await emulator.steer('GET', '/review')
  t.match(review.headers['etag'], /^"/)
})

t.test('a world is counted when that is asked for', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/a'), world: 'one' })
  await emulator.send({ path: '/lock', body: { moduleCode: '100' }, world: 'one' })
  await emulator.send({ path: '/nothing', world: 'one' })
  await emulator.send({ path: '/record', body: {}, world: 'one' })
  await emulator.fault({ operations: '*', effect: { type: 'latency', ms: 0 } }, 'one')
  await emulator.steer('POST', '/snapshots/s', undefined, 'one')
  const counts = { requests: 4, refused: 2, dropped: 0, findings: 1, faults: 1, snapshots: 1, locks: 1 }
  t.match(jsonOf(await emulator.steer('GET', '?counts=true', undefined, 'one')).counts, counts)
  const { worlds } = jsonOf(await exchange(`${emulator.url}/_emulator/worlds?counts=true`, 'GET', {}))
  t.match(worlds, [{ name: 'default' }, { name: 'one', counts }])
  t.notOk('counts' in jsonOf(await emulator.steer('GET', '?counts=false', undefined, 'one')))
  t.equal((await emulator.steer('GET', '?counts=yes', undefined, 'one')).status, 400)
})
