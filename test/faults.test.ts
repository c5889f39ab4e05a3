import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { fileURLToPath } from 'node:url'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import { contracts } from '../schemas/index.ts'
import { answerOf } from '../schemas/operation.ts'
import { smallestPart } from '../schemas/upload-limits.ts'
import { catalogue, refuse } from '../src/errors.ts'
import { startEmulator } from '../src/index.ts'
import { gatewayCodes } from '../src/intercept/gateway.ts'
import { reserveItems } from '../src/intercept/items.ts'
import { interceptRules } from '../src/intercept/rules.ts'
import { rules } from '../src/operations/index.ts'
import { linkKeyOf, presigner } from '../src/uploads/links.ts'
import { targetOf } from './fixtures/backup.ts'
import type { Driven, Sent } from './fixtures/client.ts'
import { batch, driven, jsonOf } from './fixtures/client.ts'
import { exampleDevice, exampleUser, noon } from './fixtures/emulator.ts'
import { openWire } from './fixtures/socket.ts'

const add = 'batchAddBackupScope'
const otherDevice = '1775406005920779393'
const reset = { type: 'reset' } as const
const unauthorized = { headers: { authorization: undefined } } as const

/** Sends the same so often; answers what was seen of each. */
async function seenOf(emulator: Driven, count: number, sent: Sent = { body: batch('/a') }): Promise<string> {
  let seen = ''
  for (let index = 0; index < count; index += 1) seen += (await emulator.send(sent)).error === 'ECONNRESET' ? 'x' : '.'
  return seen
}

/** Counters of a world's faults. */
const counted = async ({ faults }: Driven, world?: string) =>
  (await faults(world)).map(({ matched, hits }) => [matched, hits])

t.test('loseAnswer: the work is done exactly once, and the client sees a reset', async (t) => {
  const emulator = await driven(t)
  const { send, fault, stored } = emulator
  const { id } = await fault({ operations: [add], when: { first: 1 }, effect: { type: 'loseAnswer' } })
  t.match(await send({ body: batch('/a', '/b') }), { status: null, text: '', error: 'ECONNRESET' })
  t.same(await stored(), ['/a', '/b'])
  const again = await send({ body: batch('/a', '/b') })
  t.match(jsonOf(again), { scopeList: [], failedScopeList: [{ errorCode: '13990410' }, { errorCode: '13990410' }] })
  t.notOk(again.headers['x-emulator-fault'])
  t.same(await stored(), ['/a', '/b'])
  const [lost] = await emulator.journal(1, `?operation=${add}`)
  t.match(lost, { fault: id, status: null, code: 0, rowsWritten: 2, responseBody: { scopeList: [{}, {}], code: 0 } })
  const line = emulator.logLines.map((text) => JSON.parse(text)).find((one) => one.fault === id)
  t.match(line, { msg: 'broken off', status: null, code: 0, operation: add })
  t.match(
    (await emulator.findings()).map(({ rule }) => rule),
    ['batch-sent-again-whole'],
  )
})

t.test('reset: nothing is done, and the client sees a reset; on a connection that lived already, too', async (t) => {
  const emulator = await driven(t)
  const { id } = await emulator.fault({ operations: [add], effect: reset })
  t.match(await emulator.send({ body: batch('/a') }), { status: null, error: 'ECONNRESET' })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  t.equal((await emulator.send({ method: 'GET', path: '/device', agent })).status, 200)
  t.match(await emulator.send({ body: batch('/a'), agent }), { status: null, error: 'ECONNRESET' })
  t.same(await emulator.stored(), [])
  t.match((await emulator.journal(2, `?operation=${add}`))[0], {
    fault: id,
    status: null,
    code: null,
    reason: null,
    responseBody: null,
    rowsWritten: 0,
  })
})

t.test('reset and loseAnswer over TLS', async (t) => {
  const tls = (name: string) => fileURLToPath(new URL(`fixtures/tls/${name}.pem`, import.meta.url))
  const emulator = await driven(t, { tlsCert: tls('cert'), tlsKey: tls('key') })
  await emulator.fault({ operations: [add], when: { nth: 1 }, effect: reset })
  await emulator.fault({ operations: [add], when: { nth: 2 }, effect: { type: 'loseAnswer' } })
  t.equal(await seenOf(emulator, 3), 'xx.')
  t.same(await emulator.stored(), ['/a'])
})

t.test('truncate: committed, the length of the whole is announced, and so many bytes come', async (t) => {
  const emulator = await driven(t, { cors: '*' })
  for (const bytes of [0, 1, 20]) {
    await emulator.steer('POST', '/reset')
    const { id } = await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'truncate', bytes } })
    const cut = await emulator.send({ body: batch('/ä'), headers: { origin: 'http://localhost' } })
    t.match(cut, { status: 200, error: 'ECONNRESET' })
    t.equal(Buffer.byteLength(cut.text), bytes)
    t.ok(Number(cut.headers['content-length']) > 100)
    t.equal(cut.headers['x-emulator-fault'], id)
    t.equal(cut.headers['content-type'], 'application/json; charset=utf-8')
    t.equal(cut.headers['access-control-allow-origin'], 'http://localhost')
    t.same(await emulator.stored(), ['/ä'])
    t.match((await emulator.journal(1))[0], { fault: id, status: 200, code: 0, responseBody: { scopeList: [{}] } })
  }
})

t.test('truncate of no more than there is cuts nothing: it fires, and the answer is whole for everybody', async (t) => {
  const emulator = await driven(t)
  const taking = { path: '/lock', body: { moduleCode: '100' } }
  const { length } = (await emulator.send({ ...taking, world: 'before' })).text
  const went = async (bytes: number) => {
    await emulator.steer('POST', '/reset')
    const { id } = await emulator.fault({ operations: ['createBackupLock'], effect: { type: 'truncate', bytes } })
    const seen = await emulator.send(taking)
    const [entry] = await emulator.journal(1)
    t.match(entry, { fault: id, effect: 'truncate', status: 200 })
    t.match(seen.headers, { 'x-emulator-fault': id })
    t.same(await counted(emulator), [[1, 1]])
    const rules = (await emulator.findings()).map(({ rule }) => rule)
    return [seen.text.length, entry?.delivered, jsonOf(await emulator.steer('GET', '/coverage')).shares, rules]
  }
  const shares = (met: object) => ({ operations: { met: 0 }, mishaps: { met: 0 }, ...met })
  const whole = [length, true, shares({ operations: { met: 1 } }), ['lock-never-released']]
  t.match(await went(length - 1), [length - 1, false, shares({ mishaps: { met: 1 } })])
  t.match(await went(length), whole)
  t.match(await went(1_000_000_000), whole)
})

t.test('slow: whole and valid, at the pace that was asked for', async (t) => {
  const emulator = await driven(t)
  const { id } = await emulator.fault({ operations: '*', effect: { type: 'slow', bytesPerSecond: 2500 } })
  const slow = await emulator.send({ body: batch('/a') })
  t.match(jsonOf(slow), { scopeList: [{ localPath: '/a' }], code: 0 })
  t.equal(slow.headers['x-emulator-fault'], id)
  t.equal(Number(slow.headers['content-length']), slow.text.length)
  // 125 bytes every 50 milliseconds; a timer may fire a moment early.
  const pauses = Math.ceil(slow.text.length / 125) - 1
  t.ok(pauses >= 1 && slow.millis >= pauses * 50 - 5, `${slow.millis} for ${slow.text.length}`)
  t.match(await emulator.send(unauthorized), { status: 401, headers: { 'x-emulator-fault': id } })
  await emulator.steer('DELETE', '/faults')
  await emulator.fault({ operations: '*', effect: { type: 'slow', bytesPerSecond: 1_000_000_000 } })
  t.equal((await emulator.send({ body: batch('/b') })).status, 200)
})

t.test('latency: so many milliseconds, or drawn from the seed of the world', async (t) => {
  const emulator = await driven(t)
  const { id } = await emulator.fault({ operations: [add], effect: { type: 'latency', ms: 60 } })
  const waited = await emulator.send({ body: batch('/a') })
  t.match(waited, { status: 200, headers: { 'x-emulator-fault': id } })
  t.ok(waited.millis >= 55, `${waited.millis}`)
  const [entry] = await emulator.journal(1)
  t.match(entry, { fault: id, code: 0 })
  t.ok(Number(entry?.durationMs) >= 55)

  const spans = (faults: Driven['world']['faults']) =>
    Array.from({ length: 5 }, () => faults.span({ type: 'latency', min: 20, max: 40 }))
  const { faults } = emulator.world
  const drawn = spans(faults)
  t.ok(drawn.every((span) => span >= 20 && span <= 40 && Number.isInteger(span)) && new Set(drawn).size > 1)
  await emulator.steer('POST', '/reset')
  t.same(spans(emulator.world.faults), drawn)
  t.same(spans((await driven(t)).world.faults), drawn)
  await emulator.steer('PUT', '', { random: 2 })
  t.notSame(spans(emulator.world.faults), drawn)
  t.ok(faults.span({ type: 'latency', max: 0 }) === 0)
  await emulator.fault({ operations: [add], effect: { type: 'latency', min: 30, max: 31 } })
  t.ok((await emulator.send(unauthorized)).millis >= 25)
})

t.test('refuse: by any key of the catalogue, or by status, code and message', async (t) => {
  const emulator = await driven(t)
  for (const [error, { status, code, msg }] of Object.entries(catalogue)) {
    const { id } = await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'refuse', error } })
    const refused = await emulator.send({ body: batch('/a') })
    t.same([refused.status, jsonOf(refused)], [status, { code, msg }])
    t.equal(refused.headers['x-emulator-fault'], id)
    t.equal(refused.headers['x-emulator-reason'], `fault ${id}: refuse`)
  }
  const internal = catalogue.internal
  const own: [effect: object, status: number, body: object][] = [
    [{ status: 503, code: 7, msg: 'm' }, 503, { code: 7, msg: 'm' }],
    [{ status: 200, code: 7, msg: 'm' }, 200, { code: 7, msg: 'm' }],
    [{ status: 200 }, 200, { code: internal.code, msg: internal.msg }],
    [{ code: 7 }, 400, { code: 7, msg: internal.msg }],
    [{ msg: '' }, 400, { code: internal.code, msg: '' }],
  ]
  for (const [effect, status, body] of own) {
    await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'refuse', ...effect } })
    const refused = await emulator.send({ body: batch('/a') })
    t.same([refused.status, jsonOf(refused)], [status, body])
  }
  t.same(await emulator.stored(), [])
})

t.test('throttle: 429 with Retry-After, in seconds or as a date counted from that of the answer', async (t) => {
  const emulator = await driven(t)
  const effects: [effect: object, retryAfter: string, seconds: number][] = [
    [{}, '1', 1],
    [{ retryAfter: 7 }, '7', 7],
    [{ retryAfter: 0, retryAfterForm: 'seconds' }, '0', 0],
    [{ retryAfterForm: 'date' }, 'Wed, 17 Dec 2025 12:00:01 GMT', 1],
    [{ retryAfter: 3600, retryAfterForm: 'date' }, 'Wed, 17 Dec 2025 13:00:00 GMT', 3600],
    [{ retryAfter: 0, retryAfterForm: 'date' }, 'Wed, 17 Dec 2025 12:00:00 GMT', 0],
  ]
  for (const [index, [effect]] of effects.entries())
    await emulator.fault({ operations: [add], when: { nth: index + 1 }, effect: { type: 'throttle', ...effect } })
  for (const [, retryAfter] of effects) {
    emulator.time.now = noon + 999
    const throttled = await emulator.send({ body: batch('/a') })
    t.match(throttled, { status: 429, headers: { 'retry-after': retryAfter, date: 'Wed, 17 Dec 2025 12:00:00 GMT' } })
    t.equal(jsonOf(throttled).code, 13990429)
  }
  t.same(
    (await emulator.journal(effects.length)).map(({ retryAfter }) => retryAfter),
    effects.map(([, , seconds]) => seconds),
  )
  await emulator.send({ body: batch('/a') })
  t.match(await emulator.journal(1, '?limit=1'), [{ status: 200, retryAfter: null }])

  const effect = { type: 'refuse', status: 503, retryAfter: 120, retryAfterForm: 'date' }
  await emulator.fault({ operations: ['listBoundDevice'], effect })
  const unavailable = await emulator.send({ method: 'GET', path: '/device' })
  t.match(unavailable, { status: 503, headers: { 'retry-after': 'Wed, 17 Dec 2025 12:02:00 GMT' } })
})

t.test('throttle with a rate: so many of each second pass, by the wall clock, in a frozen world, too', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PATCH', '/clock', { frozen: true, now: '2025-12-17T12:00:00.000Z' })
  const { id } = await emulator.fault({ operations: [add], effect: { type: 'throttle', perSecond: 2 } })
  const statuses = async (count: number) => {
    const seen: (number | null)[] = []
    for (let index = 0; index < count; index += 1) seen.push((await emulator.send({ body: batch('/a') })).status)
    return seen
  }
  t.same(await statuses(4), [200, 200, 429, 429])
  emulator.time.now += 999
  t.same(await statuses(1), [429])
  emulator.time.now += 1
  t.same(await statuses(3), [200, 200, 429])
  await emulator.steer('PATCH', '/clock', { advance: 'PT1S' })
  t.same(await statuses(1), [429], 'the state clock has no say')
  t.match(await emulator.faults(), [{ id, matched: 9, hits: 5 }])
})

t.test('html: a page in place of JSON, as a portal or a proxy answers it', async (t) => {
  const emulator = await driven(t)
  const rows: [effect: object, status: number, text: string | RegExp, retryAfter?: string][] = [
    [{}, 200, /^<!DOCTYPE html>.*<h1>Sign in to this network<\/h1>/],
    [{ status: 502 }, 502, /<title>502 Bad Gateway<\/title>/],
    [{ status: 299 }, 299, /<title>299 <\/title>/],
    [{ status: 503, body: '<p>back at ü</p>', retryAfter: 5 }, 503, '<p>back at ü</p>', '5'],
    [{ body: '' }, 200, ''],
  ]
  for (const [index, [effect]] of rows.entries())
    await emulator.fault({ operations: [add], when: { nth: index + 1 }, effect: { type: 'html', ...effect } })
  for (const [index, [, status, text, retryAfter]] of rows.entries()) {
    const answered = await emulator.send({ body: batch('/a') })
    t.match(answered, { status, text })
    t.match(answered.headers, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(answered.text)),
      'x-emulator-fault': `fault-${index + 1}`,
      'x-emulator-reason': `fault fault-${index + 1}: html`,
    })
    t.equal(answered.headers['retry-after'], retryAfter)
  }
  t.same(await emulator.stored(), [])
  t.match((await emulator.journal(5))[1], { status: 502, code: null, fault: 'fault-2' })
})

t.test('redirect: to wherever it says, with each status that there is for it', async (t) => {
  const emulator = await driven(t)
  const statuses = [301, 302, 303, 307, 308]
  const location = 'https://portal.example/login?from=%2F'
  for (const [index, status] of statuses.entries())
    await emulator.fault({ operations: '*', when: { nth: index + 1 }, effect: { type: 'redirect', status, location } })
  for (const status of statuses)
    t.match(await emulator.send({ body: batch('/a') }), { status, headers: { location }, text: /^<!DOCTYPE html>/ })
  t.same(await emulator.stored(), [])
})

t.test('what is injected, or a limit, is no failure of the emulator: nothing is logged as an error', async (t) => {
  const emulator = await driven(t, { maxWorlds: '0' })
  const effects = [
    { type: 'refuse', error: 'internal' },
    { type: 'refuse', status: 503 },
    { type: 'refuse', status: 500 },
    { type: 'html', status: 500 },
    { type: 'gateway', code: 'APIGW.0201' },
    { type: 'truncate', bytes: 1 },
  ]
  for (const [index, effect] of effects.entries())
    await emulator.fault({ operations: [add], when: { nth: index + 1 }, effect })
  for (const _ of effects) await emulator.send({ body: batch('/a') })
  t.equal((await emulator.send({ body: batch('/a'), world: 'more' })).status, 503)
  t.equal((await emulator.steer('POST', '/reset', undefined, 'more')).status, 503)
  await emulator.logged(effects.length + 1)
  t.same(
    emulator.logLines.filter((line) => JSON.parse(line).level >= 50),
    [],
  )
})

t.test("COM-17: gateway: each code with the gateway's own body and status", async (t) => {
  const emulator = await driven(t)
  const known = { '0101': 404, '0201': 502, '0301': 401, '0302': 403, '0303': 401, '0304': 403, '0308': 429 }
  t.same(
    Object.keys(gatewayCodes),
    Object.keys(known).map((digits) => `APIGW.${digits}`),
  )
  const ids = new Set<string>()
  for (const [digits, status] of Object.entries(known)) {
    const code = `APIGW.${digits}`
    const { id } = await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'gateway', code } })
    const answered = await emulator.send({ body: batch('/a') })
    t.match(answered, { status, headers: { 'x-emulator-fault': id } })
    const { error_code, error_msg, request_id, ...rest } = jsonOf(answered)
    t.same([error_code, rest], [code, {}])
    t.ok(error_msg)
    t.match(request_id, /^[0-9a-f]{32}$/)
    ids.add(request_id)
  }
  t.equal(ids.size, 7)
  t.match((await emulator.journal(7))[6], { status: 429, code: null, responseBody: { error_code: 'APIGW.0308' } })
})

t.test('failItems: those items fail alone, in the order of the request', async (t) => {
  const emulator = await driven(t)
  const fail = (effect: object, operation = add, rest = {}) =>
    emulator.fault({ operations: [operation], ...rest, effect: { type: 'failItems', errorCode: '77', ...effect } })
  const failed = (body: { failedScopeList: { localPath: string; errorCode: string }[] }) =>
    body.failedScopeList.map(({ localPath, errorCode }) => `${localPath} ${errorCode}`)
  const added = (body: { scopeList: { localPath: string }[] }) => body.scopeList.map(({ localPath }) => localPath)

  await t.test('by index, among items that fail by themselves and duplicates', async (t) => {
    await emulator.send({ body: batch('/old') })
    const { id } = await fail({ indexes: [1, 4, 99], msg: 'taken' })
    const sent = await emulator.send({ body: batch('/a', '/b', '/old', '/a', '/c', 'bad', '/b', '/d') })
    const body = jsonOf(sent)
    t.same(added(body), ['/a', '/b', '/d'])
    t.same(failed(body), ['/b 77', '/old 13990410', '/a 13990410', '/c 77', 'bad 13000102'])
    t.same(body.failedScopeList[0], { localPath: '/b', targetFolderPath: '', errorCode: '77', msg: 'taken' })
    t.equal(sent.headers['x-emulator-fault'], id)
    t.ok(Value.Check(answerOf(contracts[add]), body))
    t.match((await emulator.journal(1, '?limit=1'))[0], { fault: id, rowsWritten: 3 })
    t.same(await emulator.stored(), ['/old', '/a', '/b', '/d'])
  })

  await t.test('by what items have; only a batch that has such an item counts', async (t) => {
    await emulator.steer('POST', '/reset')
    await fail({ match: { localPath: '/b' } }, add, { when: { first: 1 } })
    t.same(failed(jsonOf(await emulator.send({ body: batch('/a', '/c') }))), [])
    t.equal((await emulator.send({ body: { ...batch('/x'), scopeList: { 0: '/b' } } })).status, 400)
    t.same(await counted(emulator), [[0, 0]])
    const body = jsonOf(await emulator.send({ body: batch('/b', '/d') }))
    t.same([added(body), failed(body)], [['/d'], ['/b 77']])
    t.equal(body.failedScopeList[0].msg, catalogue.internal.msg)
    t.same(added(jsonOf(await emulator.send({ body: batch('/b') }))), ['/b'])
    t.same(await counted(emulator), [[2, 1]])
  })

  await t.test('with the paths that were sent, absent ones empty; a pattern is held against every depth', async (t) => {
    await emulator.steer('POST', '/reset')
    await fail({ match: { extra: { deep: 1 } } })
    const scopeList = [
      { targetFolderPath: '/t', extra: { deep: 1, more: 2 } },
      { localPath: '/a', extra: 'deep' },
    ]
    const body = jsonOf(await emulator.send({ body: { moduleCode: '102', scopeList } }))
    t.same(added(body), ['/a'])
    t.match(body.failedScopeList, [{ localPath: '', targetFolderPath: '/t', errorCode: '77' }])
  })

  await t.test('all of them: nothing is added', async (t) => {
    await emulator.steer('POST', '/reset')
    await fail({ match: {} })
    const body = jsonOf(await emulator.send({ body: batch('/a', '/b') }))
    t.match(body, { scopeList: [], code: 0 })
    t.same(failed(body), ['/a 77', '/b 77'])
    t.same(await emulator.stored(), [])
  })

  await t.test('of a batch that deletes, by id and by index', async (t) => {
    await emulator.steer('POST', '/reset')
    const { scopeList } = jsonOf(await emulator.send({ body: batch('/a', '/b', '/c') }))
    const [a, b, c] = scopeList.map(({ scopeId }: { scopeId: string }) => scopeId)
    await fail({ match: b }, 'batchDeleteBackupScope', { when: { first: 1 } })
    await fail({ indexes: [0] }, 'batchDeleteBackupScope')
    const remove = async (...scopeIdList: string[]) =>
      jsonOf(await emulator.send({ method: 'DELETE', body: { scopeIdList } }))
    const first = await remove(a, 'unknown', b, a)
    t.same(first.scopeIdList, [a])
    t.same(
      first.failedScopeList.map((item: { scopeId: string; errorCode: string }) => [item.scopeId, item.errorCode]),
      [
        ['unknown', '13000309'],
        [b, '77'],
        [a, '13000309'],
      ],
    )
    t.match(await remove(b, c), { scopeIdList: [c], failedScopeList: [{ scopeId: b, errorCode: '77' }] })
    t.same(await emulator.stored(), ['/b'])
  })

  await t.test('refused requests neither count nor fail; not those that the rule itself refuses, either', async (t) => {
    await emulator.steer('POST', '/reset')
    await fail({ match: {} }, add, { when: { first: 1 } })
    await fail({ indexes: [0] }, 'batchDeleteBackupScope', { when: { probability: 0.999999 } })
    t.equal((await emulator.send({ ...unauthorized, body: batch('/a') })).status, 401)
    t.equal((await emulator.send({ body: { moduleCode: '102', scopeList: [] } })).status, 400)
    const unknown = await emulator.send({ method: 'DELETE', path: '/device/none/scope', body: { scopeIdList: ['1'] } })
    t.match(unknown, { status: 400, headers: { 'x-emulator-fault': undefined } })
    t.equal(jsonOf(unknown).code, 13000309)
    t.same(await counted(emulator), [
      [0, 0],
      [0, 0],
    ])
    const { faults } = emulator.world
    const drawn = await driven(t)
    await drawn.fault({ operations: [add], effect: reset })
    t.equal(faults.requestId(), drawn.world.faults.requestId(), 'nor do they move the generator')
    const listed = await emulator.send({ method: 'GET', path: '/device' })
    t.match(listed, { status: 200, headers: { 'x-emulator-fault': undefined } })
    t.same(failed(jsonOf(await emulator.send({ body: batch('/a') }))), ['/a 77'])
  })
})

t.test('loseAnswer and truncate match accepted requests alone, the others refused ones too', async (t) => {
  const emulator = await driven(t)
  await emulator.fault({ operations: [add], effect: { type: 'loseAnswer' } })
  t.equal((await emulator.send({ ...unauthorized, body: batch('/a') })).status, 401)
  t.same(await counted(emulator), [[0, 0]])
  await emulator.steer('DELETE', '/faults')
  await emulator.fault({ operations: [add], effect: { type: 'truncate', bytes: 1 } })
  t.equal((await emulator.send({ body: {} })).status, 400)
  t.same(await counted(emulator), [[0, 0]])
  await emulator.steer('DELETE', '/faults')
  await emulator.fault({ operations: [add], effect: reset })
  t.equal((await emulator.send({ ...unauthorized, body: batch('/a') })).error, 'ECONNRESET')
  t.equal((await emulator.send({ body: {} })).error, 'ECONNRESET')
  t.same(await counted(emulator), [[2, 2]])
  t.equal((await emulator.send({ body: '{' })).status, 400, 'a body that cannot be read is not known')
  t.equal((await emulator.send({ body: '{}', headers: { 'content-type': 'text/plain' } })).status, 415)
  t.same(await counted(emulator), [[2, 2]])
})

t.test('the first made that fires wins, whatever its effect, and latency adds to it', async (t) => {
  const emulator = await driven(t)
  await emulator.fault({ operations: [add], when: { every: 2 }, effect: { type: 'refuse', status: 500 } })
  await emulator.fault({ operations: [add], effect: { type: 'latency', ms: 30 } })
  const last = await emulator.fault({ operations: [add], effect: { type: 'refuse', status: 503 } })
  const first = await emulator.send({ body: batch('/a') })
  t.match(first, { status: 503, headers: { 'x-emulator-fault': last.id } })
  t.ok(first.millis >= 25)
  t.equal((await emulator.send({ body: batch('/a') })).status, 500)
  t.same(await counted(emulator), [
    [2, 1],
    [2, 2],
    [2, 1],
  ])
  t.equal((await emulator.steer('DELETE', `/faults/${last.id}`)).status, 204)
  t.equal((await emulator.send({ body: batch('/a') })).status, 200)
  t.equal((await emulator.steer('DELETE', `/faults/${last.id}`)).status, 404)
  t.equal((await emulator.steer('DELETE', '/faults')).status, 204)
  t.same(await emulator.faults(), [])

  for (const effect of [reset, { type: 'loseAnswer' }, { type: 'refuse', status: 500 }]) {
    await emulator.steer('DELETE', '/faults')
    await emulator.fault({ operations: [add], effect })
    await emulator.fault({ operations: [add], effect: { type: 'latency', ms: 50 } })
    const waited = await emulator.send({ body: batch('/b') })
    t.ok(waited.status !== 200 && waited.millis >= 45, `${effect.type} after ${waited.millis}`)
  }
})

t.test(
  'an effect on accepted answers is held back until there is one; otherwise the next in order fires',
  async (t) => {
    const emulator = await driven(t)
    const failing = { type: 'failItems', indexes: [0], errorCode: '7' }
    const rows: [effects: object[], accepted: object, refused: object, counts: number[][]][] = [
      [
        [{ type: 'loseAnswer' }, failing],
        { error: 'ECONNRESET' },
        { status: 401 },
        [
          [1, 1],
          [1, 0],
        ],
      ],
      [
        [failing, { type: 'loseAnswer' }],
        { status: 200, text: /"errorCode":"7"/ },
        { status: 401 },
        [
          [1, 1],
          [1, 0],
        ],
      ],
      [
        [{ type: 'truncate', bytes: 3 }, reset],
        { text: /^.{3}$/ },
        { error: 'ECONNRESET' },
        [
          [1, 1],
          [2, 1],
        ],
      ],
      [
        [failing, { type: 'refuse', status: 503, code: 9 }],
        { status: 200, text: /"errorCode":"7"/ },
        {
          status: 503,
          text: /"code":9,/,
          headers: { 'x-emulator-fault': 'fault-2', 'x-emulator-reason': 'fault fault-2: refuse' },
        },
        [
          [1, 1],
          [2, 1],
        ],
      ],
      [
        [{ type: 'loseAnswer' }, { type: 'throttle', retryAfter: 9 }],
        { error: 'ECONNRESET' },
        { status: 429, headers: { 'retry-after': '9' } },
        [
          [1, 1],
          [2, 1],
        ],
      ],
      [
        [reset, { type: 'loseAnswer' }],
        { error: 'ECONNRESET' },
        { error: 'ECONNRESET' },
        [
          [2, 2],
          [2, 0],
        ],
      ],
      [
        [{ type: 'slow', bytesPerSecond: 1_000_000_000 }, reset],
        { status: 200, headers: { 'x-emulator-fault': 'fault-1' } },
        { status: 401, headers: { 'x-emulator-fault': 'fault-1' } },
        [
          [2, 2],
          [2, 0],
        ],
      ],
    ]
    for (const [effects, accepted, refused, counts] of rows) {
      await emulator.steer('POST', '/reset')
      for (const effect of effects) await emulator.fault({ operations: [add], effect })
      t.match(await emulator.send({ body: batch('/a') }), accepted, JSON.stringify(effects))
      t.match(await emulator.send({ ...unauthorized, body: batch('/b') }), refused, JSON.stringify(effects))
      t.same(await counted(emulator), counts, JSON.stringify(effects))
    }
  },
)

t.test(
  'when: the first ones, every so manieth, one alone, all from one on, or with a probability that repeats',
  async (t) => {
    const rows: [when: object, seen: string][] = [
      [{ first: 2 }, 'xx....'],
      [{ every: 3 }, '..x..x'],
      [{ nth: 1 }, 'x.....'],
      [{ nth: 4 }, '...x..'],
      [{ from: 1 }, 'xxxxxx'],
      [{ from: 4 }, '...xxx'],
      [{ every: 1 }, 'xxxxxx'],
      [{ probability: 1 }, 'xxxxxx'],
    ]
    const emulator = await driven(t)
    for (const [when, seen] of rows) {
      await emulator.steer('DELETE', '/faults')
      await emulator.fault({ operations: [add], when, effect: reset })
      t.equal(await seenOf(emulator, 6), seen, JSON.stringify(when))
      t.same(await counted(emulator), [[6, seen.split('x').length - 1]])
    }
    const drawn = async (one: Driven) => {
      await one.fault({ operations: [add], when: { probability: 0.5 }, effect: reset })
      return seenOf(one, 16)
    }
    await emulator.steer('POST', '/reset')
    const never = { operations: ['bindDevice'], effect: reset }
    await emulator.fault(never)
    await emulator.fault({ operations: [add], effect: { type: 'latency', min: 0, max: 1 } })
    const amongOthers = await drawn(emulator)
    t.ok(amongOthers.includes('x') && amongOthers.includes('.'))
    await emulator.steer('POST', '/reset')
    const seen = await drawn(emulator)
    t.ok(seen.includes('x') && seen.includes('.'))
    await emulator.steer('POST', '/reset')
    t.equal(await drawn(emulator), seen)
    t.equal(await drawn(await driven(t)), seen)
  },
)

t.test('patterns: operations, the device in path, body or query, and values of the body by pointer', async (t) => {
  const emulator = await driven(t)
  const scopes = (device: string): Sent => ({ path: `/device/${device}/scope`, body: batch('/a') })
  const record = (deviceId: string): Sent => ({ path: '/record', body: { moduleCode: '102', deviceId } })
  const records = (query: string): Sent => ({ method: 'GET', path: `/record?moduleCode=102&pageSize=9${query}` })
  const body = (value: unknown): Sent => ({ body: { ...batch('/a', '/b'), ...Object(value) } })
  const rows: [title: string, pattern: object, hit: Sent[], missed: Sent[]][] = [
    [
      'a list',
      { operations: [add, 'listBoundDevice'] },
      [scopes('x'), { method: 'GET', path: '/device' }],
      [record('x')],
    ],
    ['all', { operations: '*' }, [scopes('x'), record('x'), records('')], [{ path: '/nothing' }]],
    ['path', { operations: '*', deviceId: otherDevice }, [scopes(otherDevice)], [scopes(exampleDevice), records('')]],
    ['body', { operations: '*', deviceId: otherDevice }, [record(otherDevice)], [record(exampleDevice)]],
    [
      'query',
      { operations: '*', deviceId: otherDevice },
      [records(`&deviceId=${otherDevice}`)],
      [records('&deviceId=1')],
    ],
    ['value', { operations: [add], body: { '/moduleCode': '102' } }, [body({})], [body({ moduleCode: '100' }), {}]],
    ['item', { operations: [add], body: { '/scopeList/1/localPath': '/b' } }, [body({})], [body(batch('/b'))]],
    ['escapes', { operations: [add], body: { '/~01~1': 1 } }, [body({ '~1/': 1 })], [body({ '~01~1': 1 }), body({})]],
    [
      'whole values, whatever their order',
      { operations: [add], body: { '/x': { a: [1, { b: null }], c: 2 } } },
      [body({ x: { c: 2, a: [1, { b: null }] } })],
      [
        body({ x: { a: [1, { b: null }], c: 2, d: 3 } }),
        body({ x: { a: { 0: 1, 1: { b: null } }, c: 2 } }),
        body({ x: 'a' }),
      ],
    ],
    [
      'all values',
      { operations: [add], body: { '/x': 1, '/y': 2 } },
      [body({ x: 1, y: 2 })],
      [body({ x: 1 }), body({ y: 2 })],
    ],
  ]
  for (const [title, pattern, hit, missed] of rows) {
    await emulator.steer('DELETE', '/faults')
    await emulator.fault({ ...pattern, effect: reset })
    for (const sent of hit) t.equal((await emulator.send(sent)).error, 'ECONNRESET', `${title} ${JSON.stringify(sent)}`)
    for (const sent of missed) t.equal((await emulator.send(sent)).error, null, `${title} not ${JSON.stringify(sent)}`)
    t.same(await counted(emulator), [[hit.length, hit.length]], title)
  }
})

t.test('a rule that can never fire, or that cannot be understood, is refused saying why', async (t) => {
  const emulator = await driven(t)
  const frame = { operations: [add], effect: reset }
  const effect = (one: object) => ({ ...frame, effect: one })
  const fail = (one: object, operations: unknown = [add]) => ({
    operations,
    effect: { type: 'failItems', errorCode: '1', ...one },
  })
  const rows: [fault: unknown, detail: string | RegExp][] = [
    [undefined, 'body is null; expected an object'],
    [{ effect: reset }, 'body/operations is missing'],
    [{ ...frame, operations: [] }, 'body/operations is an array of 0'],
    [{ ...frame, operations: 'add' }, 'body/operations is a string of 3'],
    [{ ...frame, operations: [add, 'addScope'] }, /^body\/operations\/1 is no operation; expected one of bindDevice, /],
    [{ ...frame, operations: ['constructor'] }, 'body/operations/0 is no operation'],
    [{ operations: [add] }, 'body/effect is missing'],
    [{ ...frame, oprations: '*' }, 'body/oprations'],
    [{ ...frame, deviceId: '' }, 'body/deviceId is empty'],
    [
      { ...frame, operations: ['createBackupLock'], deviceId: 'd' },
      'body/deviceId: none of these operations names a device',
    ],
    [
      { ...frame, operations: ['listBoundDevice'], body: { '/a': 1 } },
      'body/body: none of these operations has a body of JSON',
    ],
    [{ ...frame, body: { moduleCode: '102' } }, 'body/body'],
    [{ ...frame, when: {} }, 'body/when is not known; expected one of first, every, nth, from, probability'],
    [{ ...frame, when: { first: 0 } }, 'body/when/first is'],
    [{ ...frame, when: { every: 1.5 } }, 'body/when/every is'],
    [{ ...frame, when: { probability: 0 } }, 'body/when/probability is'],
    [{ ...frame, when: { probability: 1.1 } }, 'body/when/probability is'],
    [{ ...frame, when: { first: 1, every: 2 } }, 'body/when is not known'],
    [effect({ type: 'meanwhile' }), 'body/effect needs advance, expireToken, again or requests'],
    [effect({ type: 'meanwhile', advance: '10m' }), 'body/effect/advance is no ISO 8601 duration'],
    [effect({ type: 'meanwhile', advance: 'PT0S' }), 'body/effect/advance is no time at all'],
    [effect({ type: 'meanwhile', advance: 'P99999W' }), 'body/effect/advance is too long'],
    [effect({ type: 'meanwhile', expireToken: true }), 'body/effect/expireToken: this world takes any token'],
    [effect({ type: 'meanwhile', expireToken: false }), 'body/effect/expireToken'],
    [effect({ type: 'meanwhile', again: {} }), 'body/effect/again changes nothing'],
    [
      { operations: ['listBoundDevice'], effect: { type: 'meanwhile', again: { a: 1 } } },
      'body/effect/again: none of these operations has a body of JSON',
    ],
    [effect({ type: 'meanwhile', requests: [] }), 'body/effect/requests is an array of 0'],
    [
      effect({ type: 'meanwhile', requests: [{ method: 'PUT', path: '/device/1' }] }),
      'body/effect/requests/0/method is',
    ],
    [
      effect({ type: 'meanwhile', requests: [{ method: 'POST', path: '/device/{deviceId}' }] }),
      'body/effect/requests/0: POST is not taken here; this path takes DELETE',
    ],
    [
      effect({ type: 'meanwhile', requests: [{ method: 'GET', path: '/no' }] }),
      'body/effect/requests/0: no operation has',
    ],
    [
      effect({ type: 'meanwhile', requests: [{ method: 'GET', path: '/_emulator/health' }] }),
      'body/effect/requests/0: ',
    ],
    [
      effect({ type: 'meanwhile', requests: [{ method: 'GET', path: '/device', headers: { authorization: 'x' } }] }),
      'body/effect/requests/0/headers',
    ],
    [
      effect({
        type: 'meanwhile',
        requests: [{ method: 'POST', path: '/lock', body: { a: ['{recordId}'], b: '{moduleCode}' } }],
      }),
      'body/effect/requests/0: no request of these operations has recordId and moduleCode; expected names of',
    ],
    [
      {
        operations: ['uploadPart'],
        effect: { type: 'meanwhile', requests: [{ method: 'DELETE', path: '/record/{part}{recordId}' }] },
      },
      'body/effect/requests/0/headers: a part names no user to act for; expected x-user-id',
    ],
    [effect({ type: 'explode' }), /^body\/effect is not known; expected one of latency, refuse, /],
    [effect({ type: 'constructor' }), 'body/effect is not known'],
    [effect({ type: 'reset', ms: 1 }), 'body/effect/ms'],
    [effect({ type: 'latency' }), 'body/effect needs ms, or min and max'],
    [effect({ type: 'latency', ms: 1, max: 2 }), 'body/effect takes ms, or min and max, not both'],
    [effect({ type: 'latency', min: 2, max: 1 }), 'body/effect/min is larger than max'],
    [effect({ type: 'latency', ms: -1 }), 'body/effect/ms is'],
    [effect({ type: 'refuse' }), 'body/effect needs error, or any of status, code and msg, and not both'],
    [effect({ type: 'refuse', error: 'invalid', code: 1 }), 'body/effect needs error, or any of'],
    [effect({ type: 'refuse', error: 'nothing' }), /^body\/effect\/error is not known; expected one of unknownRoute, /],
    [effect({ type: 'refuse', code: 0 }), 'body/effect/code is'],
    [effect({ type: 'refuse', status: 199 }), 'body/effect/status is'],
    [
      effect({ type: 'refuse', status: 204 }),
      'body/effect/status: an answer with 204 has no body; expected another from 200 to 599',
    ],
    [effect({ type: 'refuse', status: 205, msg: 'm' }), 'body/effect/status: an answer with 205 has no body'],
    [effect({ type: 'html', status: 304 }), 'body/effect/status: an answer with 304 has no body'],
    [effect({ type: 'html', status: 600 }), 'body/effect/status is'],
    [effect({ type: 'html', retryAfterForm: 'date' }), 'body/effect/retryAfterForm needs retryAfter'],
    [effect({ type: 'refuse', status: 503, retryAfterForm: 'date' }), 'body/effect/retryAfterForm needs retryAfter'],
    [
      effect({ type: 'refuse', retryAfter: 1 }),
      'body/effect needs error, or any of status, code and msg, and not both',
    ],
    [effect({ type: 'throttle', retryAfterForm: 'words' }), 'body/effect/retryAfterForm is'],
    [effect({ type: 'redirect', status: 302 }), 'body/effect/location is missing'],
    [effect({ type: 'redirect', status: 304, location: '/' }), 'body/effect/status is'],
    [effect({ type: 'redirect', status: 302, location: '/a\r\nb: c' }), 'body/effect/location is'],
    [effect({ type: 'redirect', status: 302, location: '' }), 'body/effect/location is empty'],
    [effect({ type: 'reset', at: 0.5 }), 'body/effect/at: only uploadPart is cut within its body'],
    [{ operations: ['uploadPart'], effect: { type: 'reset', at: 1.1 } }, 'body/effect/at is'],
    [{ operations: ['uploadPart'], effect: { type: 'gateway', code: 'APIGW.0308' } }, 'no gateway stands before'],
    [{ operations: ['uploadPart'], deviceId: 'd', effect: reset }, 'body/deviceId: none of these operations names'],
    [
      { operations: ['uploadPart'], body: { '/a': 1 }, effect: reset },
      'body/body: none of these operations has a body',
    ],
    [fail({ indexes: [0] }, ['uploadPart']), 'failItems needs an operation with items'],
    [{ ...frame, when: { nth: 0 } }, 'body/when/nth is'],
    [{ ...frame, when: { from: 0 } }, 'body/when/from is'],
    [{ ...frame, when: { nth: 1, from: 2 } }, 'body/when is not known'],
    [effect({ type: 'throttle', perSecond: 0 }), 'body/effect/perSecond is'],
    [
      effect({ type: 'gateway', code: 'APIGW.9' }),
      /^body\/effect\/code is not known; expected one of APIGW.0101, .*COM-17/,
    ],
    [effect({ type: 'truncate' }), 'body/effect/bytes is missing'],
    [effect({ type: 'slow', bytesPerSecond: 0 }), 'body/effect/bytesPerSecond is'],
    [
      fail({ indexes: [0] }, ['bindDevice']),
      'failItems needs an operation with items, batchAddBackupScope or batchDelete',
    ],
    [fail({}), 'body/effect needs indexes or match, and not both'],
    [fail({ indexes: [0], match: {} }), 'body/effect needs indexes or match, and not both'],
    [fail({ indexes: [] }), 'body/effect/indexes is an array of 0'],
    [fail({ indexes: [100] }), 'body/effect/indexes/0 is'],
    [fail({ match: '/a' }), 'body/effect/match is no item of these operations'],
    [fail({ match: { scopeId: '1' } }, ['batchDeleteBackupScope']), 'body/effect/match is no item of these operations'],
    [fail({ match: [1] }, '*'), 'body/effect/match is no item of these operations'],
    [fail({ match: null }, '*'), 'body/effect/match is no item of these operations'],
  ]
  for (const [fault, detail] of rows) {
    const refused = await emulator.steer('POST', '/faults', fault)
    t.equal(refused.status, 400, JSON.stringify(fault))
    t.match(refused.headers['content-type'], 'application/problem+json')
    t.match(jsonOf(refused).detail, detail)
  }
  t.same(await emulator.faults(), [])
  await emulator.fault(fail({ match: '1' }, '*'))
  await emulator.fault(fail({ match: {} }, '*'))
  t.equal((await emulator.steer('GET', '/faults', undefined, 'none')).status, 404)
})

t.test('faults belong to their world: nobody else meets them, and a reset takes them away', async (t) => {
  const emulator = await driven(t)
  const { send, fault, steer } = emulator
  await fault({ operations: '*', effect: reset })
  t.equal((await send({ body: batch('/a'), world: 'fresh' })).status, 200, 'not even the request that makes a world')
  t.equal((await send({ body: batch('/a'), world: 'fresh' })).status, 200)
  t.same(await counted(emulator), [[0, 0]])
  t.same(await emulator.faults('fresh'), [])
  await fault({ operations: [add], when: { every: 2 }, effect: reset }, 'one')
  t.equal((await send({ body: batch('/a'), world: 'one' })).status, 200)
  t.equal((await send({ body: batch('/b'), headers: { 'x-emulator-world': 'one' } })).error, 'ECONNRESET')

  t.equal((await steer('POST', '/snapshots/here', undefined, 'one')).status, 201)
  t.equal((await steer('POST', '/snapshots/here/restore', undefined, 'one')).status, 200)
  t.same(await counted(emulator, 'one'), [[2, 1]])
  t.equal((await steer('PUT', '/state', {}, 'one')).status, 200)
  t.same(await counted(emulator, 'one'), [[2, 1]])
  t.equal(await seenOf(emulator, 2, { body: batch('/c'), world: 'one' }), '.x')
  t.equal((await steer('POST', '/reset', undefined, 'one')).status, 200)
  t.same(await emulator.faults('one'), [])
  t.equal(await seenOf(emulator, 2, { body: batch('/c'), world: 'one' }), '..')
})

t.test('explain neither counts nor triggers faults', async (t) => {
  const emulator = await driven(t)
  await emulator.fault({ operations: '*', effect: { type: 'refuse', status: 500 } })
  await emulator.fault({ operations: [add], effect: { type: 'failItems', indexes: [0], errorCode: '1' } })
  const path = `/koodrive/ose/v1/backup/device/${exampleDevice}/scope`
  const question = { method: 'POST', path, headers: emulator.headers(), body: batch('/a') }
  t.match(jsonOf(await emulator.steer('POST', '/explain', question)), { accepted: true, code: 0 })
  t.same(await counted(emulator), [
    [0, 0],
    [0, 0],
  ])
})

t.test('in process, faults are the same as over HTTP', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const world = emulator.world('embedded')
  const made = world.faults.add({ operations: [add], effect: reset })
  t.match(made, { id: 'fault-1', matched: 0, hits: 0 })
  const answer = await fetch(`${emulator.url}/_emulator/worlds/embedded/faults`)
  t.same(await answer.json(), { faults: [...world.faults.list()] })
  t.throws(() => world.faults.add({ operations: ['no'], effect: reset }), { status: 400, message: /no operation/ })
  t.throws(() => world.faults.add({ operations: [], effect: reset }), { status: 400, message: /body\/operations/ })
  const given = {
    operations: [add],
    when: { nth: 2 },
    body: { '/a': { b: [1] } },
    effect: { type: 'latency' as const, ms: 1 },
  }
  const { id } = world.faults.add(given)
  given.operations.push('bindDevice')
  given.when.nth = 1
  given.body['/a'].b.push(2)
  Object.assign(given.effect, { ms: 99 })
  const listed = world.faults.list()[1]
  t.same(listed, {
    id,
    operations: [add],
    when: { nth: 2 },
    body: { '/a': { b: [1] } },
    effect: { type: 'latency', ms: 1 },
    matched: 0,
    hits: 0,
    paused: false,
  })
  Object.assign(listed ?? {}, { matched: 7 })
  Object.assign(made.effect, { type: 'loseAnswer' })
  t.match(world.faults.list(), [{ effect: reset }, { matched: 0 }], 'what is given and what is listed are copies')
  t.equal(world.faults.remove(id), true)
  t.throws(() => world.faults.add({ operations: '*', body: { '/a': 1n }, effect: reset }), {
    status: 400,
    message: /JSON/,
  })
  t.equal(world.faults.remove('fault-1'), true)
  t.equal(world.faults.remove('fault-1'), false)
  world.faults.add({ operations: '*', effect: reset })
  world.faults.clear()
  t.same(world.faults.list(), [])
})

t.test('a refusal that a rule returns is passed on as it is', async (t) => {
  const { world } = await driven(t)
  const refusal = refuse('tooManyScopes', 'no more')
  const refusing = interceptRules({ ...rules, batchAddBackupScope: () => refusal }).batchAddBackupScope
  const body = { moduleCode: '102' as const, scopeList: [{ localPath: '/a' }] }
  reserveItems(add, body, { type: 'failItems', indexes: [0], errorCode: '1' })
  const request = { userId: 'u', params: { deviceId: exampleDevice }, query: undefined, body, lockId: '', now: 0 }
  const more = { itemDefect: () => undefined, linkTo: () => '', remark: () => undefined }
  t.equal(refusing(world, { ...request, ...more }), refusal)
})

t.test('without a control plane there are no faults and nothing is journaled', async (t) => {
  const emulator = await driven(t, { control: 'off' })
  emulator.world.faults.add({ operations: '*', effect: reset })
  emulator.world.faults.add({ operations: [add], effect: { type: 'failItems', indexes: [0], errorCode: '1' } })
  t.match(jsonOf(await emulator.send({ body: batch('/a') })), { scopeList: [{}], failedScopeList: [] })
  t.match(emulator.world.faults.list(), [{ matched: 0 }, { matched: 0 }])
  t.same(emulator.world.journal.entries, [])
  for (const path of ['faults', 'requests', 'review']) t.equal((await emulator.steer('GET', `/${path}`)).status, 404)
})

/** Everything that a client of an unkind world sees in a little story. */
async function story(t: Test, emulator: Driven, world: string): Promise<unknown[]> {
  const seen: unknown[] = []
  const ask = async (id: keyof typeof contracts, sent: Sent) => {
    const { text, status } = await emulator.send({ ...sent, world })
    t.equal(status, 200, text)
    const body = JSON.parse(text)
    t.ok(Value.Check(answerOf(contracts[id]), body), `${id}: ${text}`)
    t.ok(
      Object.keys(body).some((name) => /^x\d+$/.test(name)),
      'a field that nobody knows',
    )
    seen.push(body)
    return body
  }
  const { lockId } = (await ask('createBackupLock', { path: '/lock', body: { moduleCode: '102' } })).data
  const headers = { 'x-backup-lock-id': lockId }
  await ask(add, { body: batch('/a', '/b', '/c', '/d', '/e', 'bad') })
  const names = ['one', 'two', 'three', 'four']
  for (const configName of names) {
    const body = { moduleCode: '102', configName, currentConfigValue: 'x', newConfigValue: 'y' }
    const change = { method: 'PATCH', path: `/device/${exampleDevice}/config`, body, world }
    await ask('updateConfigInfo', change)
    t.same(jsonOf(await emulator.send(change)).code, catalogue.valueMismatch.code, 'a refusal stays as it is')
  }
  const { scopeList } = await ask('listBackupScope', {
    method: 'GET',
    path: `/device/${exampleDevice}/scope?moduleCode=102`,
  })
  const paths = scopeList.map(({ localPath }: { localPath: string }) => localPath)
  t.same(paths, ['/a', '/b', '/c', '/d', '/e'], 'DEC-28: the oldest first')
  const scopeIdList: string[] = scopeList.map(({ scopeId }: { scopeId: string }) => scopeId)
  const removal = { method: 'DELETE', body: { scopeIdList: [...scopeIdList, '1', '2', '3', '4', '5'] } }
  const removed = await ask('batchDeleteBackupScope', removal)
  const gone: string[] = removed.scopeIdList
  t.same(gone.toSorted(), scopeIdList.toSorted())
  const left = removed.failedScopeList.map(({ scopeId }: { scopeId: string }) => scopeId)
  t.same(left.toSorted(), ['1', '2', '3', '4', '5'])
  const configs = await ask('listConfigInfos', {
    method: 'GET',
    path: `/device/${exampleDevice}/configs?moduleCode=102`,
  })
  const listed = configs.data.map(({ configName }: { configName: string }) => configName)
  t.same(listed, ['backend_backup_switch', ...names.toSorted()], 'DEC-24: by name')
  const made: string[] = []
  for (let index = 0; index < 3; index += 1) {
    const body = { moduleCode: '102', deviceId: exampleDevice }
    made.push((await ask('createBackupRecord', { path: '/record', headers, body })).data.recordId)
  }
  const read: string[] = []
  const sizes: number[] = []
  for (let cursor = ''; ; ) {
    const path = `/record?moduleCode=102&pageSize=100${cursor}`
    const { data, nextCursor } = await ask('listBackupRecord', { method: 'GET', path })
    sizes.push(data.length)
    for (const { recordId } of data) read.push(recordId)
    if (nextCursor === undefined) break
    t.not(`&cursor=${encodeURIComponent(nextCursor)}`, cursor, 'another one each time')
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`
  }
  t.same(read, made, 'the pages give everything, in their order')
  t.notMatch(sizes.join(''), /00|[2-9]|0$/, 'pages of one, or of none where more follows')
  return seen.concat([sizes, gone.map((id) => scopeIdList.indexOf(id)), left.map(Number)])
}

t.test('an unkind world gives what is permitted and lazy clients forget, and repeats it by its seed', async (t) => {
  const emulator = await driven(t)
  t.equal((await emulator.steer('PATCH', '/clock', { frozen: true })).status, 200)
  const begin = async (world: string, seed: number) => {
    t.match(jsonOf(await emulator.steer('PUT', '', { unkind: { seed } }, world)).settings, { unkind: { seed } })
    return story(t, emulator, world)
  }
  const one = await begin('one', 7)
  t.same(await begin('two', 7), one)
  const three = await begin('three', 8)
  t.notSame(three, one)
  t.equal((await emulator.steer('POST', '/reset', undefined, 'one')).status, 200)
  t.same(await story(t, emulator, 'one'), one)
  t.notSame(one.slice(-2), [
    [0, 1, 2, 3, 4],
    [1, 2, 3, 4, 5],
  ])
  t.ok([one.at(-3), three.at(-3)].flat().includes(0), 'a page may be empty')
  t.equal((await emulator.send({ body: {}, world: 'one' })).status, 400)
  const { unkind } = jsonOf(await emulator.steer('PUT', '', { unkind: null }, 'one')).settings
  t.equal(unkind, null)
  const parts = [
    { pages: 0 },
    { pages: 'all' },
    { order: 'sorted' },
    { fields: 1 },
    { latencyMs: -1 },
    { cursors: 'odd' },
  ]
  for (const wrong of [
    {},
    { seed: -1 },
    { seed: 1, x: 1 },
    true,
    { pages: 1 },
    ...parts.map((part) => ({ seed: 1, ...part })),
  ])
    t.equal((await emulator.steer('PUT', '', { unkind: wrong }, 'one')).status, 400)
})

t.test('unkind: the parts that are named, one at a time', async (t) => {
  const emulator = await driven(t)
  const records = [1, 2, 3, 4, 5].map((version) => ({
    moduleCode: '102',
    deviceId: exampleDevice,
    recordId: `${version}`,
    version,
  }))
  const seed = { users: { [exampleUser]: { devices: [{ deviceId: exampleDevice, machineCode: 'M' }], records } } }
  const begin = async (unkind: object) => {
    const begun = await emulator.steer('PUT', '', { seed, unkind: { seed: 7, ...unkind } })
    t.same(jsonOf(begun).settings.unkind, { seed: 7, ...unkind }, 'it is shown as it was given')
    const ids: string[] = jsonOf(await emulator.send({ body: batch('/a', '/b', '/c') })).scopeList.map(
      ({ scopeId }: { scopeId: string }) => scopeId,
    )
    const { scopeIdList, ...rest } = jsonOf(await emulator.send({ method: 'DELETE', body: { scopeIdList: ids } }))
    const sizes: number[] = []
    let last = ''
    for (let cursor = ''; ; ) {
      const path = `/record?moduleCode=102&pageSize=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
      const { data, nextCursor } = jsonOf(await emulator.send({ method: 'GET', path }))
      sizes.push(data.length)
      if (nextCursor === undefined) break
      cursor = last = nextCursor
    }
    const order = scopeIdList.map((id: string) => ids.indexOf(id)).join('')
    return {
      order,
      sizes: sizes.join(''),
      isOdd: /[+/=]/.test(last),
      hasMore: Object.keys(rest).some((name) => /^x\d/.test(name)),
    }
  }
  const kind = { order: '012', sizes: '32', isOdd: false, hasMore: false }
  t.same(await begin({ pages: 1 }), { ...kind, sizes: '11111' })
  t.same(await begin({ pages: 2 }), { ...kind, sizes: '221' })
  t.same(await begin({ pages: 100 }), kind, 'never more than were asked for')
  t.same(await begin({ order: 'reversed' }), { ...kind, order: '210' })
  t.same(await begin({ order: 'kept', latencyMs: 0 }), kind)
  t.same(await begin({ fields: true }), { ...kind, hasMore: true })
  t.same(await begin({ cursors: true }), { ...kind, isOdd: true })
  t.notMatch(await begin({ order: 'shuffled' }), { order: '012' })
  const varied = await begin({ pages: 'varied' })
  t.match(varied, { ...kind, sizes: /^(0?1)+$/ }, 'never two empty pages in a row')
  t.match(varied.sizes, /0/)
  t.same(await begin({ pages: 'sparse' }), { ...kind, sizes: '0101010101' })
  t.match(await begin({}), { isOdd: true, hasMore: true })
  await begin({ latencyMs: 1 })
  const { latencyMs, random } = emulator.world.unkindness ?? {}
  t.equal(latencyMs, 1)
  const drawn = random?.state()
  await emulator.send({ method: 'GET', path: '/device' })
  t.not(random?.state(), drawn)
})

t.test('DEC-28: cursors of an unkind world must be encoded; who forgets the plus is told so', async (t) => {
  const emulator = await driven(t)
  const deviceId = exampleDevice
  const records = [1, 2, 3].map((version) => ({ moduleCode: '102', deviceId, recordId: String(version), version }))
  const seed = { users: { [exampleUser]: { devices: [{ deviceId, machineCode: 'M' }], records } } }
  t.equal((await emulator.steer('PUT', '', { unkind: { seed: 1 }, seed }, 'odd')).status, 201)
  const ask = (query: string, world = 'odd') =>
    emulator.send({ method: 'GET', path: `/record?moduleCode=102&pageSize=1${query}`, world })
  const first = jsonOf(await ask('')).nextCursor
  t.match(first, /\+.*=$/)
  t.match(first, /\//)
  const encoded = encodeURIComponent(first)
  t.equal((await ask(`&cursor=${encoded}`)).status, 200)
  t.equal((await ask(`&cursor=${first.replace('+', '%2b')}`)).status, 200, 'a slash and an equals sign may stay')
  t.equal(
    (await ask(`&cursor=${new URLSearchParams({ cursor: first })}`.replace('cursor=cursor', 'cursor'))).status,
    200,
  )
  const path = `/koodrive/ose/v1/backup/record?moduleCode=102&pageSize=1&cursor=`
  const explained = async (cursor: string) =>
    jsonOf(
      await emulator.steer(
        'POST',
        '/explain',
        { method: 'GET', path: path + cursor, headers: emulator.headers(), advice: true },
        'odd',
      ),
    )
  t.match(await explained(encoded), { accepted: true })
  const plus = 'query/cursor has a space where its page had a plus; encode it, a plus as %2B [DEC-28]'
  t.match(await explained(first), { accepted: false, reason: plus })
  t.match(await explained(`${first}&x=a+b`), {
    advice: [
      {
        accepted: true,
        steps: [{ at: 'query/cursor', from: first.replace('+', ' '), to: first }],
        change: { path: `${path}${encoded}`.replace('&cursor', '&x=a%20b&cursor') },
      },
    ],
  })
  t.equal((await ask(`&cursor=${first}`)).status, 400)
  const { log } = jsonOf(await emulator.steer('GET', '/requests.har', undefined, 'odd'))
  t.match(log.entries.at(-1).request.queryString[2], { value: first.replace('+', ' ') }, 'as it was read')
  const other = 'query/cursor was not made for this list; expected the nextCursor of its last page [DEC-28]'
  const rows: [cursor: string, reason: string][] = [
    [first, plus],
    [encodeURIComponent(first.replace('+', ' ')), plus],
    [first.replace('+', '%20x'), other],
    [encodeURIComponent(encoded), other],
    [encoded.replace('%3D', ''), other],
    [encodeURIComponent(first.replace(/\+\/|\/\+|=/g, '')), other],
    ['', 'query/cursor is empty; leave it out on the first page [DEC-28]'],
    ['null', 'query/cursor is the word null; leave it out on the first page [DEC-28]'],
    ['undefined', 'query/cursor is the word undefined; leave it out on the first page [DEC-28]'],
  ]
  for (const [cursor, reason] of rows) {
    const refused = await ask(`&cursor=${cursor}`)
    t.match(refused, { status: 400, headers: { 'x-emulator-reason': reason } }, cursor)
    if (reason !== plus && reason !== other)
      t.match(await ask(`&cursor=${cursor}`, 'kind'), { status: 400, headers: { 'x-emulator-reason': reason } })
  }
  t.equal((await ask(`&cursor=${first}`.replace('&cursor', '&other'))).status, 200, 'only where it is read')
  const asked = { authorization: 'Bearer a b' }
  t.equal(
    (await emulator.send({ method: 'GET', path: `/record?cursor=${first}`, headers: asked, world: 'odd' })).status,
    401,
  )
})

/** A world with uploads that wait: `u0`, `u1` and so on, of a file each. */
async function withUploads(emulator: Driven, count: number, unkind: object | null = null): Promise<void> {
  const files = Array.from({ length: count }, (_, index) => ({ fileName: `f${index}`, uploadId: `u${index}` }))
  const records = [{ moduleCode: '102', deviceId: exampleDevice, recordId: '1', files }]
  const seed = { users: { [exampleUser]: { devices: [{ deviceId: exampleDevice, machineCode: 'M' }], records } } }
  const { status, text } = await emulator.steer('PUT', '', { seed, unkind, completion: 'put' })
  assert.equal(status, 200, text)
}

/** The one part of such an upload, by a link as it would be answered. */
function upload({ url, time }: Driven, index: number, body = 'content'): Sent {
  const link = { address: `${url}/_upload/u${index}/1`, uploadId: `u${index}`, partNumber: 1 }
  const signed = presigner(linkKeyOf('default', 1), time.now)({ ...link, partSize: undefined, from: undefined })
  return { method: 'PUT', path: `!${targetOf(signed)}`, body }
}

const uploaded = async (emulator: Driven): Promise<string[]> => {
  const { data } = jsonOf(await emulator.send({ method: 'GET', path: '/record/1/files?pageSize=100' }))
  return data.map(({ fileName }: { fileName: string }) => fileName)
}

t.test('DEC-29: an upload is an operation, too: every effect that can concern it reaches it', async (t) => {
  const emulator = await driven(t)
  await withUploads(emulator, 9)
  const rows: [effect: object, seen: object, isStored: boolean][] = [
    [{ type: 'refuse', error: 'integrity' }, { status: 400, text: /<Code>InvalidRequest</ }, false],
    [{ type: 'refuse', status: 401 }, { status: 401, text: /<Code>AccessDenied</ }, false],
    [{ type: 'refuse', status: 403 }, { status: 403, text: /<Code>AccessDenied</ }, false],
    [{ type: 'refuse', status: 404 }, { status: 404, text: /<Code>NoSuchUpload</ }, false],
    [{ type: 'refuse', status: 500 }, { status: 500, text: /<Code>InternalError</ }, false],
    [{ type: 'refuse', status: 503 }, { status: 503, text: /<Code>SlowDown</ }, false],
    [{ type: 'throttle' }, { status: 429, headers: { 'retry-after': '1' }, text: /<Code>SlowDown</ }, false],
    [{ type: 'html', status: 502 }, { status: 502, text: /^<!DOCTYPE/ }, false],
    [{ type: 'redirect', status: 307, location: '/' }, { status: 307 }, false],
    [reset, { error: 'ECONNRESET' }, false],
    [{ type: 'reset', at: 0.5 }, { error: 'ECONNRESET' }, false],
    [{ type: 'reset', at: 1 }, { error: 'ECONNRESET' }, false],
    [{ type: 'latency', ms: 1 }, { status: 200 }, true],
    [{ type: 'slow', bytesPerSecond: 1_000_000_000 }, { status: 200, text: '' }, true],
    [{ type: 'truncate', bytes: 4 }, { status: 200, text: '' }, true],
    [{ type: 'loseAnswer' }, { error: 'ECONNRESET', status: null }, true],
  ]
  for (const operations of [['uploadPart'], '*']) {
    for (const [effect, seen, isStored] of rows) {
      await withUploads(emulator, 1)
      const { id } = await emulator.fault({ operations, when: { first: 1 }, effect })
      t.match(await emulator.send(upload(emulator, 0)), seen, JSON.stringify(effect))
      const [entry] = await emulator.journal(1)
      t.match(entry, { operation: 'uploadPart', fault: id, code: null })
      t.equal(Number(entry?.rowsWritten) > 0, isStored)
      t.same(await counted(emulator), [[1, 1]])
      t.same(await uploaded(emulator), isStored ? ['f0'] : [])
      t.match(await emulator.send(upload(emulator, 0)), { status: isStored ? 404 : 200 }, 'and is sent again')
    }
  }
  const line = emulator.logLines.map((text) => JSON.parse(text)).find(({ path }) => path === '/_upload/u0/1')
  t.match(line, { operation: 'uploadPart' })
})

t.test(
  'DEC-40: whatever befalls one part of several, the others stand, and that one alone is sent again',
  async (t) => {
    const emulator = await driven(t)
    const sizes = [smallestPart, smallestPart, 4]
    const multiParts = sizes.map((partSize, index) => ({ partNumber: index + 1, partSize }))
    const files = [{ fileId: '2', fileName: 'f', uploadId: 'u', size: 2 * smallestPart + 4, multiParts }]
    const records = [{ recordId: '1', moduleCode: '102', deviceId: exampleDevice, files }]
    const seed = { users: { [exampleUser]: { devices: [{ deviceId: exampleDevice, machineCode: 'M' }], records } } }
    const sign = presigner(linkKeyOf('default', 1), emulator.time.now)
    const put = (partNumber: number) => {
      const address = `${emulator.url}/_upload/u/${partNumber}`
      const { partSize = 0 } = multiParts[partNumber - 1] ?? {}
      const link = sign({ address, uploadId: 'u', partNumber, partSize, from: undefined })
      return emulator.send({ method: 'PUT', path: `!${targetOf(link)}`, body: `${partNumber}`.repeat(partSize) })
    }
    const complete = () => emulator.send({ path: '!/koodrive/ose/v1/files/complete', body: { fileId: '2' } })
    const effects: [effect: object, isStored: boolean][] = [
      [{ type: 'refuse', status: 503 }, false],
      [{ type: 'refuse', msg: 'Not now.' }, false],
      [{ type: 'throttle' }, false],
      [{ type: 'html' }, false],
      [{ type: 'redirect', status: 307, location: '/' }, false],
      [reset, false],
      [{ type: 'reset', at: 0.5 }, false],
      [{ type: 'truncate', bytes: 0 }, true],
      [{ type: 'slow', bytesPerSecond: 1_000_000 }, true],
      [{ type: 'latency', ms: 1 }, true],
      [{ type: 'loseAnswer' }, true],
    ]
    for (const [effect, isStored] of effects) {
      t.match(await emulator.steer('PUT', '', { seed }), { status: 200 })
      await emulator.fault({ operations: ['uploadPart'], when: { nth: 2 }, effect })
      for (const partNumber of [1, 2, 3]) await put(partNumber)
      const { status, headers } = await complete()
      if (isStored) t.equal(status, 200, JSON.stringify(effect))
      else {
        t.match(headers['x-emulator-reason'], /missing: part 2; to be sent again: part 3/, JSON.stringify(effect))
        for (const partNumber of [2, 3]) t.match(await put(partNumber), { status: 200 })
        t.match(await complete(), { status: 200 })
      }
      t.same(await uploaded(emulator), ['f'])
    }
  },
)

t.test('DEC-29: an upload that the emulator refuses neither loses its answer nor counts for that', async (t) => {
  const emulator = await driven(t)
  await withUploads(emulator, 1)
  await emulator.fault({ operations: ['uploadPart'], effect: { type: 'loseAnswer' } })
  await emulator.fault({ operations: ['uploadPart'], when: { nth: 2 }, effect: { type: 'latency', ms: 0 } })
  await emulator.fault({ operations: ['uploadPart'], when: { nth: 2 }, effect: { type: 'refuse', status: 503 } })
  t.equal((await emulator.send(upload(emulator, 7))).status, 404)
  t.match(await emulator.send(upload(emulator, 7)), { status: 503, headers: { 'x-emulator-fault': 'fault-3' } })
  t.equal((await emulator.send(upload(emulator, 0))).error, 'ECONNRESET')
  t.same(await counted(emulator), [
    [1, 1],
    [3, 1],
    [3, 1],
  ])
  t.same(await uploaded(emulator), ['f0'])

  await withUploads(emulator, 1)
  await emulator.fault({ operations: ['uploadPart'], when: { first: 1 }, effect: { type: 'loseAnswer' } })
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  await wire.send(
    `PUT ${upload(emulator, 0).path?.slice(1)} HTTP/1.1\r\nhost: ${new URL(emulator.url).host}\r\ncontent-length: 9\r\n\r\n12345`,
  )
  while ((await counted(emulator))[0]?.[0] !== 1);
  wire.reset()
  t.match(await emulator.journal(1), [{ operation: 'uploadPart', status: null }])
  t.equal((await emulator.send(upload(emulator, 0))).error, 'ECONNRESET', 'nor does one that breaks off')
  t.same(await counted(emulator), [[1, 1]])
})

t.test('reset at a fraction of an upload: no sooner, and at its end where its length is not announced', async (t) => {
  const emulator = await driven(t)
  await withUploads(emulator, 1, { seed: 1 })
  const { port } = new URL(emulator.url)
  const begin = async (framing: string, effect: object) => {
    await emulator.steer('DELETE', '/faults')
    await emulator.steer('DELETE', '/requests')
    await emulator.fault({ operations: ['uploadPart'], effect: { type: 'latency', ms: 20 } })
    await emulator.fault({ operations: ['uploadPart'], effect: { type: 'reset', ...effect } })
    const wire = await openWire(t, Number(port))
    await wire.send(`PUT /_upload/u0/1 HTTP/1.1\r\nhost: localhost\r\n${framing}\r\n\r\n`)
    return wire
  }
  const isOpen = async () => (await emulator.journal(0)).length === 0
  const sized = await begin('content-length: 10', { at: 0.45 })
  await sized.send('1234')
  t.ok(await isOpen())
  await sized.send('5')
  await t.rejects(sized.rest(), { code: 'ECONNRESET' })
  t.match(await emulator.journal(1), [{ status: null, operation: 'uploadPart', fault: /^fault-/, rowsWritten: 0 }])

  const chunked = await begin('transfer-encoding: chunked', { at: 0.1 })
  await chunked.send('a\r\n1234567890\r\n')
  t.ok(await isOpen())
  await chunked.send('0\r\n\r\n')
  await t.rejects(chunked.rest(), { code: 'ECONNRESET' })

  const empty = await begin('content-length: 0', { at: 1 })
  await t.rejects(empty.rest(), { code: 'ECONNRESET' })

  const broken = await begin('transfer-encoding: chunked', { at: 1 })
  await broken.send('no chunk\r\n')
  await t.rejects(broken.rest(), { code: 'ECONNRESET' })

  const refused = await begin('transfer-encoding: chunked', { type: 'refuse', status: 503 })
  await refused.send('no chunk\r\n')
  t.match(await refused.answer(), { status: 503 }, 'nor does a broken body hinder an answer that waits')
  await emulator.steer('DELETE', '/faults')
  t.same(await uploaded(emulator), [])
  await emulator.fault({ operations: '*', effect: { type: 'reset', at: 0.5 } })
  t.equal((await emulator.send({ body: batch('/a') })).error, 'ECONNRESET', 'other operations as ever')
  t.equal((await emulator.send({ method: 'GET', path: '/device' })).error, 'ECONNRESET')
})

/** What a world of two devices answers, and holds afterwards. */
const twoDevices = {
  users: {
    [exampleUser]: {
      devices: [exampleDevice, otherDevice].map((deviceId) => ({ deviceId, machineCode: `M${deviceId}` })),
    },
  },
}

t.test('meanwhile: somebody else is quicker by the rules themselves, past faults and journal', async (t) => {
  const emulator = await driven(t)
  const { send, fault, steer } = emulator
  const begin = (settings: object = {}) => steer('PUT', '', { seed: twoDevices, ...settings })
  const config = (current: string, next: string) => ({
    method: 'PATCH',
    path: `/device/${exampleDevice}/config`,
    body: { moduleCode: '102', configName: 'c', currentConfigValue: current, newConfigValue: next },
  })
  const valueNow = async () =>
    jsonOf(await send({ method: 'GET', path: `/device/${exampleDevice}/config?moduleCode=102&configName=c` })).data
      .configValue

  await t.test('a competing change of a value: again, with a merge patch', async (t) => {
    await begin()
    const again = { newConfigValue: 'theirs', more: { deep: null } }
    const { id } = await fault({
      operations: ['updateConfigInfo'],
      when: { nth: 2 },
      effect: { type: 'meanwhile', again },
    })
    await fault({ operations: '*', when: { from: 99 }, effect: reset })
    t.equal((await send(config('x', 'first'))).status, 200)
    const lost = await send({ ...config('first', 'mine'), headers: { 'x-emulator-world': 'default' } })
    t.match(lost, { status: 400, headers: { 'x-emulator-fault': id } })
    t.equal(jsonOf(lost).code, catalogue.valueMismatch.code)
    t.equal(await valueNow(), 'theirs')
    const seen = (await emulator.journal(3)).map(({ operation, fault, effect }) => [operation, fault, effect])
    t.same(seen, [
      ['updateConfigInfo', null, null],
      ['updateConfigInfo', id, 'meanwhile'],
      ['getConfigInfo', null, null],
    ])
    t.match(await counted(emulator), [
      [2, 1],
      [3, 0],
    ])
    t.equal((await steer('PUT', '', { seed: twoDevices }, 'w')).status, 201)
    await fault({ operations: ['updateConfigInfo'], effect: { type: 'meanwhile', again } }, 'w')
    t.equal((await send({ ...config('x', 'mine'), world: 'w' })).status, 400, 'by the path of a world, too')
    t.equal(
      (await send({ ...config('x', 'mine'), body: { ...config('x', 'm').body, currentConfigValue: 7 } })).status,
      400,
    )
  })

  await t.test('a device, a lock, a record gone; names in braces are those of the request', async (t) => {
    await begin()
    const requests = [{ method: 'DELETE', path: '/device/{deviceId}' }]
    await fault({ operations: [add], when: { first: 1 }, effect: { type: 'meanwhile', requests } })
    const gone = await send({ body: batch('/a') })
    t.equal(gone.status, 400, 'devices=adopt does not take a device back that was unbound')
    const { data } = jsonOf(await send({ method: 'GET', path: '/device' }))
    t.same(
      data.map(({ deviceId }: { deviceId: string }) => deviceId),
      [otherDevice],
    )

    await begin()
    const steal = [{ method: 'POST', path: '/lock', body: { moduleCode: '{moduleCode}' } }]
    const effect = { type: 'meanwhile', advance: 'PT10M', requests: steal }
    const { id } = await fault({ operations: ['createBackupRecord'], effect })
    const { lockId } = jsonOf(await send({ path: '/lock', body: { moduleCode: '102' } })).data
    const headers = { 'x-backup-lock-id': lockId }
    const record = { path: '/record', headers, body: { moduleCode: '102', deviceId: exampleDevice } }
    t.equal(jsonOf(await send(record)).code, catalogue.lockNotHeld.code)
    t.equal(jsonOf(await send({ path: '/lock', body: { moduleCode: '102' } })).code, catalogue.lockHeld.code)
    t.equal((await steer('DELETE', `/faults/${id}`)).status, 204)
    t.same(await emulator.findings(), [], 'nobody is blamed')
  })

  await t.test(
    'with the lock of the request unless another is given, and for another user where one is named',
    async (t) => {
      await begin()
      const { lockId } = jsonOf(await send({ path: '/lock', body: { moduleCode: '102' } })).data
      const headers = { 'x-backup-lock-id': lockId }
      const body = {
        moduleCode: '102',
        deviceId: exampleDevice,
        properties: '{deviceId}',
        properties2: [{ a: '{moduleCode}' }],
      }
      const make = { method: 'POST', path: '/record', body }
      const others = { ...make, headers: { 'x-backup-lock-id': 'another', 'x-user-id': 'somebody' } }
      const complete = { method: 'POST', path: '/files/complete', body: { fileId: '1' } }
      const { id } = await fault({
        operations: ['createBackupRecord'],
        when: { nth: 1 },
        effect: { type: 'meanwhile', requests: [make, others, complete] },
      })
      const sent = { path: '/record', headers, body: { moduleCode: '102', deviceId: exampleDevice } }
      t.match(await send(sent), { status: 200, headers: { 'x-emulator-fault': id } })
      const { data } = jsonOf(await send({ method: 'GET', path: '/record?moduleCode=102&pageSize=9' }))
      t.match(data, [{ properties: exampleDevice }, {}])
      t.equal(data.length, 2)
      const [made] = await emulator.faults()
      t.match(made, { hits: 1, refused: /^POST \/files\/complete: / }, 'the last that was refused')
    },
  )

  await t.test('by whatever operation, with the query that the request had', async (t) => {
    await begin()
    const again = { newConfigValue: 'theirs', currentConfigValue: 'never' }
    await fault({ operations: ['updateConfigInfo'], when: { from: 2 }, effect: { type: 'meanwhile', again } })
    t.equal((await send(config('x', 'first'))).status, 200)
    const asked = config('first', 'mine')
    t.equal((await send({ ...asked, path: `${asked.path}?more=1` })).status, 200)
    t.match(await emulator.faults(), [{ refused: /^PATCH .*\?more=1: body\/currentConfigValue/ }])
    const secret = 'of-nobody-else'
    await send({
      ...asked,
      path: `${asked.path}?a=${secret}&token=mine`,
      headers: { authorization: `Bearer ${secret}` },
    })
    t.match(await emulator.faults(), [{ refused: /\?a=sha256:\w+&token=sha256:\w+: body/ }], 'without secrets')
    await steer('DELETE', '/faults')
    const { lockId } = jsonOf(await send({ path: '/lock', body: { moduleCode: '102' } })).data
    const headers = { 'x-backup-lock-id': lockId }
    const record = { moduleCode: '102', deviceId: exampleDevice }
    const { recordId } = jsonOf(await send({ path: '/record', headers, body: record })).data
    const requests = [{ method: 'POST', path: '/record/{recordId}/file', body: { fileName: 'theirs' } }]
    await fault({ operations: ['createBackupFile'], effect: { type: 'meanwhile', requests } })
    const made = await send({ path: `/record/${recordId}/file`, headers, body: { fileName: 'mine' } })
    t.equal(made.status, 200)
    t.match(await emulator.faults(), [{ hits: 1, refused: undefined }])
  })

  await t.test('where nothing of it can be done, it does not fire, and says why', async (t) => {
    await begin()
    const requests = [{ method: 'DELETE', path: '/device/1' }]
    await fault({ operations: [add], effect: { type: 'meanwhile', requests } })
    const sent = await send({ body: batch('/a') })
    t.match(sent, { status: 200, headers: { 'x-emulator-fault': undefined } })
    t.match(await emulator.faults(), [{ matched: 1, hits: 0, refused: /^DELETE \/device\/1: .*/ }])
    await steer('DELETE', '/faults')
    const nowhere = [{ method: 'DELETE', path: '/device/{moduleCode}' }]
    await fault({ operations: [add], effect: { type: 'meanwhile', requests: nowhere } })
    t.equal((await send({ body: { ...batch('/a'), moduleCode: '' } })).status, 400)
    t.match(await emulator.faults(), [{ hits: 0, refused: /^DELETE \/device\/: no operation has this path/ }])
    t.equal((await send({ body: '{"moduleCode":"\\ud800"}' })).status, 400)
    t.match(await emulator.faults(), [{ hits: 0, refused: /^DELETE \/device\/%EF%BF%BD: / }], 'half a character')
    await steer('PATCH', '/clock', { frozen: true, now: '2050-01-01T00:00:00Z' })
    await steer('DELETE', '/faults')
    await fault({ operations: [add], effect: { type: 'meanwhile', advance: 'P51000W' } })
    t.equal((await send({ body: batch('/a') })).status, 200)
    t.match(await counted(emulator), [[1, 0]], 'the state clock has an end')
  })

  await t.test('a token expires under the hands of a client', async (t) => {
    await begin({ auth: 'known' })
    const { token } = jsonOf(await steer('POST', '/tokens', { userId: exampleUser, lifetime: null }))
    const known = { headers: { authorization: `Bearer+${token}` }, body: batch('/a') }
    const { id } = await fault({ operations: '*', when: { nth: 2 }, effect: { type: 'meanwhile', expireToken: true } })
    t.equal((await send(known)).status, 200)
    t.match(await send(known), { status: 401, headers: { 'x-emulator-fault': id, 'x-emulator-reason': /has expired/ } })
    t.equal((await send(unauthorized)).status, 401, 'who has none is none of its business')
    t.same(await counted(emulator), [[2, 1]])
    await steer('DELETE', '/faults')
    await fault({ operations: '*', effect: { type: 'meanwhile', expireToken: true } })
    t.equal((await send({ headers: { authorization: 'Bearer+never' } })).status, 401)
    t.same(await counted(emulator), [[1, 0]])
    await steer('DELETE', '/faults')
    const requests = [{ method: 'DELETE', path: `/device/${otherDevice}` }]
    await fault({ operations: '*', effect: { type: 'meanwhile', requests } })
    await send(unauthorized)
    const fresh = jsonOf(await steer('POST', '/tokens', { userId: exampleUser })).token
    const listed = await send({ method: 'GET', path: '/device', headers: { authorization: `Bearer+${fresh}` } })
    t.equal(jsonOf(listed).data.length, 1, 'somebody else has credentials of his own')
  })

  await t.test(
    'only requests that have what it needs fit; it happens before parts of uploads, too, and beside other faults',
    async (t) => {
      await withUploads(emulator, 1)
      await fault({ operations: '*', effect: { type: 'meanwhile', again: { x: 1 } } })
      await fault({
        operations: '*',
        effect: { type: 'meanwhile', requests: [{ method: 'DELETE', path: '/record/{recordId}' }] },
      })
      await fault({ operations: '*', effect: { type: 'meanwhile', advance: 'PT1S' } })
      await fault({ operations: '*', effect: { type: 'refuse', status: 503 } })
      t.equal((await send(upload(emulator, 0))).status, 503)
      t.equal((await send({ method: 'GET', path: '/device' })).status, 503)
      t.equal((await send({ body: [1] })).status, 503)
      t.match(await counted(emulator), [
        [0, 0],
        [0, 0],
        [3, 3],
        [3, 3],
      ])
      t.equal(jsonOf(await steer('GET', '/clock')).now, '2025-12-17T12:00:03.000Z')
      await steer('DELETE', '/faults')
      const unbind = (path: string) => ({ method: 'DELETE', path, headers: { 'x-user-id': exampleUser } })
      const requests = [unbind('/device/{uploadId}'), unbind(`/device/${exampleDevice}`)]
      await fault({ operations: ['uploadPart'], effect: { type: 'meanwhile', requests } })
      const noUser = [{ method: 'GET', path: '/device' }]
      await fault({ operations: ['uploadPart', add], effect: { type: 'meanwhile', requests: noUser } })
      t.equal((await send(upload(emulator, 0))).status, 200, 'a record outlives its device')
      t.match(await emulator.faults(), [{ matched: 1, hits: 1, refused: /^DELETE \/device\/u0: / }, { matched: 0 }])
      const { data } = jsonOf(await send({ method: 'GET', path: '/device' }))
      t.same(data, [])
    },
  )
})

/** What one fault would do by itself, and how it counts. */
interface Modelled {
  readonly id: string
  readonly operations: readonly string[] | '*'
  readonly type: string
  readonly when: Partial<Record<'first' | 'every' | 'nth' | 'from', number>>
  matched: number
  hits: number
}

const ofAccepted = ['loseAnswer', 'truncate', 'failItems']

/** The rule of docs/guides/faults.md, once more: all that fit count and decide alone, and the first made whose moment comes fires. */
function predict(faults: Modelled[], { operation, isGood }: { operation: string; isGood: boolean }): string | null {
  const fitting = faults.filter(({ operations, type }) => {
    const isMeant = operations === '*' || operations.includes(operation)
    return isMeant && (type !== 'failItems' || operation === add) && (type !== 'gateway' || operation !== 'uploadPart')
  })
  for (const fault of fitting) fault.matched += 1
  const due = fitting.filter(({ type, when: { first = Infinity, every = 1, nth, from = 1 }, matched }) => {
    const isTime =
      matched <= first && matched % every === 0 && (nth === undefined || matched === nth) && matched >= from
    return isTime && type !== 'throttle'
  })
  const delay = due.find(({ type }) => type === 'latency')
  if (delay) delay.hits += 1
  const interlopers = due.filter(({ type }) => type === 'meanwhile')
  for (const interloper of interlopers) interloper.hits += 1
  const rest = due.filter(({ type }) => type !== 'latency' && type !== 'meanwhile')
  const isWorkDone = rest[0] === undefined || ofAccepted.includes(rest[0].type) || rest[0].type === 'slow'
  const isRefused = isWorkDone && !isGood
  if (isRefused) for (const fault of fitting) if (ofAccepted.includes(fault.type)) fault.matched -= 1
  const fired = rest.find(({ type }) => !(isRefused && ofAccepted.includes(type)))
  if (fired) fired.hits += 1
  return fired?.id ?? interlopers.at(-1)?.id ?? delay?.id ?? null
}

const effectsOf: Record<string, object> = {
  latency: { ms: 0 },
  refuse: { error: 'lockHeld' },
  throttle: { perSecond: 1_000_000_000 },
  gateway: { code: 'APIGW.0301' },
  html: {},
  redirect: { status: 302, location: '/' },
  reset: {},
  loseAnswer: {},
  truncate: { bytes: 1 },
  slow: { bytesPerSecond: 1_000_000_000 },
  failItems: { match: {}, errorCode: '7' },
  meanwhile: { advance: 'PT0.001S' },
}

const operation = fc.constantFrom(add, 'listBoundDevice', 'uploadPart')
const few = fc.integer({ min: 1, max: 3 })
const anyFault = fc.record({
  operations: fc.oneof(fc.constant('*' as const), fc.uniqueArray(operation, { minLength: 1 })),
  type: fc.constantFrom(...Object.keys(effectsOf)),
  when: fc.option(fc.oneof(...['first', 'every', 'nth', 'from'].map((timing) => fc.record({ [timing]: few }))), {
    nil: undefined,
  }),
})
const anyRequest = fc.record({ operation, isGood: fc.boolean() })

t.test('of any faults, any requests: which fires, and how all of them count, is what the rule says', async (t) => {
  const emulator = await driven(t, { logLevel: 'silent' })
  const sent = ({ operation, isGood }: { operation: string; isGood: boolean }, index: number): Sent => {
    if (operation === 'uploadPart') return upload(emulator, isGood ? index : 99)
    const one = operation === add ? { body: batch('/a') } : { method: 'GET', path: '/device' }
    return isGood ? one : { ...one, ...unauthorized }
  }
  const lists = [fc.array(anyFault, { maxLength: 6 }), fc.array(anyRequest, { minLength: 1, maxLength: 6 })] as const
  const agrees = fc.asyncProperty(...lists, async (faults, requests) => {
    await withUploads(emulator, requests.length)
    const model: Modelled[] = []
    for (const { operations, type, when } of faults) {
      const isForUploads = operations !== '*' && operations.every((one) => one === 'uploadPart')
      const isForItems = operations === '*' || operations.includes(add)
      const isPossible = (type !== 'failItems' || isForItems) && (type !== 'gateway' || !isForUploads)
      if (!isPossible) continue
      const { id } = await emulator.fault({ operations, when, effect: { type, ...effectsOf[type] } })
      model.push({ id, operations, type, when: { ...when }, matched: 0, hits: 0 })
    }
    for (const [index, request] of requests.entries()) await emulator.send(sent(request, index))
    const entries = await emulator.journal(requests.length)
    const predicted = requests.map((request) => predict(model, request))
    assert.deepEqual(
      entries.map(({ fault }) => fault),
      predicted,
    )
    assert.deepEqual(
      await counted(emulator),
      model.map(({ matched, hits }) => [matched, hits]),
    )
  })
  await t.resolves(fc.assert(agrees, { numRuns: 40 }))
})
