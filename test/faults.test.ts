import { Agent } from 'node:http'
import { fileURLToPath } from 'node:url'
import { Value } from '@sinclair/typebox/value'
import type { Test } from 'tap'
import t from 'tap'
import { contracts } from '../schemas/index.ts'
import { answerOf } from '../schemas/operation.ts'
import { catalogue, refuse } from '../src/errors.ts'
import { startEmulator } from '../src/index.ts'
import { gatewayCodes } from '../src/intercept/gateway.ts'
import { interceptRules } from '../src/intercept/rules.ts'
import { rules } from '../src/operations/index.ts'
import type { Driven, Sent } from './fixtures/client.ts'
import { batch, driven, jsonOf } from './fixtures/client.ts'
import { exampleDevice } from './fixtures/emulator.ts'

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
  await emulator.fault({ operations: [add], when: { first: 1 }, effect: reset })
  await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'loseAnswer' } })
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
  await emulator.fault({ operations: [add], effect: { type: 'truncate', bytes: 100_000 } })
  t.match(jsonOf(await emulator.send({ body: batch('/b') })), { scopeList: [{ localPath: '/b' }], code: 0 })
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

t.test('throttle: 429 with Retry-After; with a rate, so many of each second of the state clock pass', async (t) => {
  const emulator = await driven(t)
  await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'throttle' } })
  await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'throttle', retryAfter: 7 } })
  await emulator.fault({ operations: [add], when: { first: 1 }, effect: { type: 'throttle', retryAfter: 0 } })
  for (const seconds of ['1', '7', '0']) {
    const throttled = await emulator.send({ body: batch('/a') })
    t.match(throttled, { status: 429, headers: { 'retry-after': seconds } })
    t.equal(jsonOf(throttled).code, 13990429)
  }
  t.same(
    (await emulator.journal(3)).map(({ retryAfter }) => retryAfter),
    [1, 7, 0],
  )

  await emulator.steer('POST', '/reset')
  await emulator.steer('PATCH', '/clock', { frozen: true, now: '2025-12-17T12:00:00.000Z' })
  const { id } = await emulator.fault({ operations: [add], effect: { type: 'throttle', perSecond: 2 } })
  const statuses = async (count: number) => {
    const seen: (number | null)[] = []
    for (let index = 0; index < count; index += 1) seen.push((await emulator.send({ body: batch('/a') })).status)
    return seen
  }
  t.same(await statuses(4), [200, 200, 429, 429])
  await emulator.steer('PATCH', '/clock', { advance: 'PT0.999S' })
  t.same(await statuses(1), [429])
  await emulator.steer('PATCH', '/clock', { advance: 'PT0.001S' })
  t.same(await statuses(3), [200, 200, 429])
  t.match(await emulator.faults(), [{ id, matched: 8, hits: 4 }])
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

t.test('rules are tried in the order made; the first that fires wins, and latency adds to it', async (t) => {
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
    [1, 1],
  ])
  t.equal((await emulator.steer('DELETE', `/faults/${last.id}`)).status, 204)
  t.equal((await emulator.send({ body: batch('/a') })).status, 200)
  t.equal((await emulator.steer('DELETE', `/faults/${last.id}`)).status, 404)
  t.equal((await emulator.steer('DELETE', '/faults')).status, 204)
  t.same(await emulator.faults(), [])
})

t.test('when: the first ones, every so manieth, or with a probability that repeats', async (t) => {
  const rows: [when: object, seen: string][] = [
    [{ first: 2 }, 'xx....'],
    [{ every: 3 }, '..x..x'],
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
  const seen = await drawn(emulator)
  t.ok(seen.includes('x') && seen.includes('.'))
  await emulator.steer('POST', '/reset')
  t.equal(await drawn(emulator), seen)
  t.equal(await drawn(await driven(t)), seen)
})

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
      'body/body: none of these operations has a body',
    ],
    [{ ...frame, body: { moduleCode: '102' } }, 'body/body'],
    [{ ...frame, when: {} }, 'body/when is not known; expected one of first, every, probability'],
    [{ ...frame, when: { first: 0 } }, 'body/when/first is'],
    [{ ...frame, when: { every: 1.5 } }, 'body/when/every is'],
    [{ ...frame, when: { probability: 0 } }, 'body/when/probability is'],
    [{ ...frame, when: { probability: 1.1 } }, 'body/when/probability is'],
    [{ ...frame, when: { first: 1, every: 2 } }, 'body/when is not known'],
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
  t.throws(() => world.faults.add({ operations: [], effect: reset }), { status: 400, message: /fault\/operations/ })
  t.equal(world.faults.remove('fault-1'), true)
  t.equal(world.faults.remove('fault-1'), false)
  world.faults.add({ operations: '*', effect: reset })
  world.faults.clear()
  t.same(world.faults.list(), [])
})

t.test('a refusal that a rule returns is passed on as it is, and no fault counts for it', async (t) => {
  const { world } = await driven(t)
  const refusal = refuse('tooManyScopes', 'no more')
  const refusing = interceptRules({ ...rules, batchAddBackupScope: () => refusal }).batchAddBackupScope
  world.faults.add({ operations: [add], effect: { type: 'failItems', indexes: [0], errorCode: '1' } })
  const body = { moduleCode: '102' as const, scopeList: [{ localPath: '/a' }] }
  const request = { userId: 'u', params: { deviceId: exampleDevice }, query: undefined, body, lockId: '', now: 0 }
  const more = { itemDefect: () => undefined, uploadUrl: () => '', remark: () => undefined }
  t.equal(refusing(world, { ...request, ...more }), refusal)
  t.match(world.faults.list(), [{ matched: 0, hits: 0 }])
})

t.test('without a control plane there are no faults and nothing is journaled', async (t) => {
  const emulator = await driven(t, { control: 'off' })
  emulator.world.faults.add({ operations: '*', effect: reset })
  emulator.world.faults.add({ operations: [add], effect: { type: 'failItems', indexes: [0], errorCode: '1' } })
  t.match(jsonOf(await emulator.send({ body: batch('/a') })), { scopeList: [{}], failedScopeList: [] })
  t.match(emulator.world.faults.list(), [{ matched: 0 }, { matched: 0 }])
  t.same(emulator.world.journal.exchanges, [])
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
  t.same(paths.toSorted(), ['/a', '/b', '/c', '/d', '/e'])
  const configs = await ask('listConfigInfos', {
    method: 'GET',
    path: `/device/${exampleDevice}/configs?moduleCode=102`,
  })
  const listed = configs.data.map(({ configName }: { configName: string }) => configName)
  t.same(listed.toSorted(), [...names, 'backend_backup_switch'].toSorted())
  const made: string[] = []
  for (let index = 0; index < 3; index += 1) {
    const body = { moduleCode: '102', deviceId: exampleDevice }
    made.push((await ask('createBackupRecord', { path: '/record', headers, body })).data.recordId)
  }
  const read: string[] = []
  for (let cursor = ''; ; ) {
    const path = `/record?moduleCode=102&pageSize=100${cursor}`
    const { data, nextCursor } = await ask('listBackupRecord', { method: 'GET', path })
    t.equal(data.length, 1, 'pages of one')
    read.push(data[0].recordId)
    if (nextCursor === undefined) break
    cursor = `&cursor=${nextCursor}`
  }
  t.same(read, made, 'the pages give everything, in their order')
  return seen.concat([paths, listed])
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
  t.notSame(await begin('three', 8), one)
  t.equal((await emulator.steer('POST', '/reset', undefined, 'one')).status, 200)
  t.same(await story(t, emulator, 'one'), one)
  const orders = await Promise.all([one.at(-2), one.at(-1)])
  t.notSame(orders, [
    ['/a', '/b', '/c', '/d', '/e'],
    ['backend_backup_switch', 'four', 'one', 'three', 'two'],
  ])
  t.equal((await emulator.send({ body: {}, world: 'one' })).status, 400)
  const { unkind } = jsonOf(await emulator.steer('PUT', '', { unkind: null }, 'one')).settings
  t.equal(unkind, null)
  for (const wrong of [{}, { seed: -1 }, { seed: 1, x: 1 }, true])
    t.equal((await emulator.steer('PUT', '', { unkind: wrong }, 'one')).status, 400)
})
