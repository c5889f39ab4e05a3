import { hash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import t from 'tap'
import { startEmulator } from '../src/index.ts'
import { harOf } from '../src/intercept/har.ts'
import { unreadOf } from '../src/intercept/unread.ts'
import { version } from '../src/package.ts'
import type { Exchange } from '../src/world/journal.ts'
import { Journal, keepBody } from '../src/world/journal.ts'
import type { Seen } from './fixtures/client.ts'
import { batch, driven, jsonOf, readUntil } from './fixtures/client.ts'
import { exampleDevice, exampleUser, noon, xDate } from './fixtures/emulator.ts'
import { openWire } from './fixtures/socket.ts'

const base = '/koodrive/ose/v1/backup'
const scopePath = `${base}/device/${exampleDevice}/scope`
const hashOf = (secret: string): string => `sha256:${hash('sha256', secret).slice(0, 12)}`

t.test('an entry shows the whole exchange', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PATCH', '/clock', { frozen: true, now: '2026-01-02T03:04:05.678Z' })
  await emulator.send({ body: { ...batch('/a', '/b'), x: 1 }, path: `/device/${exampleDevice}/scope?y=2` })
  const [entry] = await emulator.journal(1)
  t.ok(Number(entry?.durationMs) > 0)
  const { scopeList } = Object(entry?.responseBody)
  t.strictSame(
    { ...entry, durationMs: 0, requestHeaders: { ...entry?.requestHeaders, host: '', connection: '' } },
    {
      id: 1,
      time: '2026-01-02T03:04:05.678Z',
      wallTime: '2025-12-17T12:00:00.000Z',
      durationMs: 0,
      operation: 'batchAddBackupScope',
      method: 'POST',
      path: `${scopePath}?y=2`,
      world: 'default',
      requestHeaders: {
        authorization: `Bearer ${hashOf('some-token')}`,
        'x-user-id': exampleUser,
        'x-date': xDate(noon),
        'content-length': '78',
        host: '',
        connection: '',
      },
      requestBody: { ...batch('/a', '/b'), x: 1 },
      status: 200,
      code: 0,
      reason: null,
      responseBody: { scopeList, failedScopeList: [], code: 0, msg: 'success' },
      fault: null,
      retryAfter: null,
      rowsWritten: 2,
      unread: ['body/x', 'query/y'],
      isFirstOnConnection: true,
      signingTime: '2025-12-17T12:00:00.000Z',
    },
  )
  t.match(scopeList, [{ localPath: '/a' }, { localPath: '/b' }])
})

t.test('whatever a client sends is there: refusals, unknown paths, broken bodies and uploads', async (t) => {
  const emulator = await driven(t)
  const rows: [sent: Parameters<typeof emulator.send>[0], entry: object][] = [
    [
      { body: batch('/a'), headers: { authorization: undefined } },
      {
        operation: 'batchAddBackupScope',
        status: 401,
        code: 13990401,
        reason: /^Authorization is missing/,
        requestBody: batch('/a'),
        responseBody: { code: 13990401, msg: 'Authentication failed.' },
        rowsWritten: 0,
      },
    ],
    [
      { path: '/nothing?a=b' },
      { operation: null, status: 404, code: 13000101, path: `${base}/nothing?a=b`, unread: [] },
    ],
    [{ method: 'PUT' }, { operation: null, method: 'PUT', status: 404 }],
    [{ body: '{"a":' }, { status: 400, code: 13000101, requestBody: '{"a":', unread: [] }],
    [
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      { status: 415, requestBody: null },
    ],
    [
      { headers: { 'x-emulator-world': 'default' }, body: batch('/b') },
      { status: 200, world: 'default' },
    ],
    [
      { method: 'GET', path: '/device' },
      { operation: 'listBoundDevice', status: 200, requestBody: null, rowsWritten: 0 },
    ],
  ]
  for (const [index, [sent, expected]] of rows.entries()) {
    await emulator.send(sent)
    t.match((await emulator.journal(index + 1))[index], { id: index + 1, fault: null, ...expected })
  }

  await t.test('an upload is no operation', async (t) => {
    const send = async (sent: Parameters<typeof emulator.send>[0]) => jsonOf(await emulator.send(sent))
    const { lockId } = (await send({ path: '/lock', body: { moduleCode: '100' } })).data
    const headers = { 'x-backup-lock-id': lockId }
    const body = { moduleCode: '100', deviceId: exampleDevice }
    const { recordId } = (await send({ path: '/record', headers, body })).data
    const file = await send({ path: `/record/${recordId}/file`, headers, body: { fileName: 'a' } })
    const { pathname } = new URL(file.multiParts[0].uploadUrl)
    await send({ method: 'PUT', path: `!${pathname}`, body: 'content' })
    const [entry] = await emulator.journal(1, '?limit=1')
    t.match(entry, {
      operation: null,
      method: 'PUT',
      path: pathname,
      status: 200,
      code: 0,
      rowsWritten: 1,
      requestBody: null,
    })
  })

  await t.test('a connection that breaks off has no status', async (t) => {
    await emulator.steer('DELETE', '/requests')
    await emulator.fault({ operations: '*', effect: { type: 'latency', ms: 60_000 } })
    const wire = await openWire(t, Number(new URL(emulator.url).port))
    const headers = Object.entries(emulator.headers()).map(([name, value]) => `${name}: ${value}\r\n`)
    await wire.send(`GET ${base}/device HTTP/1.1\r\nhost: localhost\r\n${headers.join('')}\r\n`)
    while ((await emulator.faults())[0]?.hits !== 1);
    wire.reset()
    t.match((await emulator.journal(1))[0], { operation: 'listBoundDevice', status: null, code: 0 })
  })
})

t.test('rowsWritten tells what the work wrote', async (t) => {
  const emulator = await driven(t)
  const rows: [title: string, sent: Parameters<typeof emulator.send>[0], written: number][] = [
    ['three scopes', { body: batch('/a', '/b', '/c') }, 3],
    ['one of three', { body: batch('/a', 'bad', '/d') }, 1],
    ['none', { body: batch('/a') }, 0],
    ['a refused request', { body: {} }, 0],
    ['a read', { method: 'GET', path: '/device' }, 0],
    ['a device bound', { path: '/device', body: { machineCode: 'm' } }, 1],
    ['a device adopted, and a scope', { path: '/device/other/scope', body: batch('/a') }, 2],
    ['a lock', { path: '/lock', body: { moduleCode: '102' } }, 1],
    ['a lock that is held', { path: '/lock', body: { moduleCode: '102' } }, 0],
    ['the first upload of a device', { method: 'GET', path: '/record?moduleCode=102&pageSize=1' }, 0],
  ]
  for (const [index, [title, sent, written]] of rows.entries()) {
    await emulator.send(sent)
    t.equal((await emulator.journal(index + 1))[index]?.rowsWritten, written, title)
  }
})

t.test('DEC-8: what nobody reads is named, at every depth', async (t) => {
  const emulator = await driven(t)
  const rows: [sent: Parameters<typeof emulator.send>[0], unread: string[]][] = [
    [{ body: batch('/a') }, []],
    [
      { body: { ...batch('/a'), a: null, scopeList: [{ localPath: '/x' }, { localPath: '/y', b: { c: 1 }, d: 2 }] } },
      ['body/scopeList/1/b', 'body/scopeList/1/d', 'body/a'],
    ],
    [{ body: { ...batch('/a'), constructor: 1, 'a/b': 1 } }, ['body/constructor', 'body/a/b']],
    [{ method: 'GET', path: '/device?b=1&a=1&b=2&moduleCode' }, ['query/b', 'query/a', 'query/moduleCode']],
    [{ method: 'GET', path: `/device/${exampleDevice}/scope?moduleCode=102&%61=` }, ['query/a']],
    [{ path: '/nothing?a=1', body: { a: 1 } }, []],
    [{ body: '["a"]' }, []],
  ]
  for (const [index, [sent, unread]] of rows.entries()) {
    await emulator.send(sent)
    t.same((await emulator.journal(index + 1))[index]?.unread, unread, JSON.stringify(sent))
  }
})

t.test('a body over 16 KiB is cut, keeping its length and its SHA-256', async (t) => {
  const emulator = await driven(t)
  const text = JSON.stringify({ ...batch('/a'), x: 'ü'.repeat(9000) })
  await emulator.send({ body: text })
  const [entry] = await emulator.journal(1)
  const { beginning, bytes, sha256, ...rest } = Object(entry?.requestBody)
  t.same([bytes, sha256, rest], [Buffer.byteLength(text), hash('sha256', text), {}])
  t.ok(text.startsWith(beginning) && Buffer.byteLength(beginning) >= 16_383)
  t.same(entry?.unread, [])

  for (const [length, isCut] of [
    [16 * 1024, false],
    [16 * 1024 + 1, true],
  ] as const) {
    t.equal(keepBody('a'.repeat(length)).cut !== undefined, isCut)
    t.equal(keepBody('a'.repeat(length)).text.length, 16 * 1024)
  }
  t.equal(keepBody('😀'.repeat(4096)).cut, undefined)
  t.equal(keepBody(`a${'😀'.repeat(4096)}`).text, `a${'😀'.repeat(4095)}`)
})

const anExchange = (change: Partial<Exchange> = {}): Omit<Exchange, 'id'> => ({
  time: noon,
  wallTime: noon,
  signingTime: noon,
  durationMs: 1,
  operation: null,
  method: 'GET',
  url: '/',
  world: 'default',
  requestHeaders: [],
  requestBody: { text: '' },
  status: 200,
  code: 0,
  reason: null,
  responseBody: { text: '' },
  fault: null,
  retryAfter: null,
  rowsWritten: 0,
  isFirstOnConnection: false,
  ...change,
})

t.test('a journal keeps the newest 1,000 entries and 1 MiB, and tells how many it dropped', async (t) => {
  const journal = new Journal()
  for (let index = 0; index < 1000; index += 1) journal.add(anExchange())
  t.same([journal.exchanges.length, journal.dropped], [1000, 0])
  journal.add(anExchange())
  t.same(
    [journal.exchanges.length, journal.exchanges[0]?.id, journal.exchanges.at(-1)?.id, journal.dropped],
    [1000, 2, 1001, 1],
  )
  journal.clear()
  t.same([journal.exchanges.length, journal.dropped], [0, 0])

  const text = 'b'.repeat(16 * 1024)
  const size = () => journal.exchanges.reduce((sum, one) => sum + 2 * (one.requestBody.text.length + one.url.length), 0)
  for (let index = 0; index < 20_000; index += 1) {
    journal.add(anExchange({ requestBody: keepBody(index % 2 ? text : `${text}${text}`), url: `/${'u'.repeat(500)}` }))
    if (index % 1000 === 0) t.ok(size() <= 1024 * 1024 && journal.exchanges.length <= 1000)
  }
  t.ok(size() <= 1024 * 1024 && size() > 900_000)
  t.equal(journal.exchanges.length + journal.dropped, 20_000)
  t.equal(journal.exchanges.at(-1)?.id, 21_001)
  const huge = new Journal()
  huge.add(anExchange({ url: 'h'.repeat(2_000_000) }))
  t.equal(huge.exchanges.length, 1, 'the newest stays, whatever its size')
})

t.test('over HTTP: dropped, count, filters, and emptied', async (t) => {
  const emulator = await driven(t)
  for (let index = 0; index < 1001; index += 1) emulator.world.journal.add(anExchange())
  t.match(jsonOf(await emulator.steer('GET', '/requests?limit=1')), { requests: [{ id: 1001 }], dropped: 1 })
  t.same(jsonOf(await emulator.steer('GET', '/requests/count')), { count: 1000 })
  t.equal((await emulator.steer('DELETE', '/requests')).status, 204)
  t.same(jsonOf(await emulator.steer('GET', '/requests')), { requests: [], dropped: 0 })

  const at = async (now: string, sent: Parameters<typeof emulator.send>[0]) => {
    await emulator.steer('PATCH', '/clock', { frozen: true, now: `2026-01-01T00:00:${now}Z` })
    await emulator.send(sent)
  }
  await at('01.000', { body: batch('/a') })
  await at('02.000', { method: 'GET', path: '/device' })
  await at('03.000', { path: '/record', body: { moduleCode: '102', deviceId: 'd-1', n: 5, b: true, o: { p: 1 } } })
  await at('04.000', { method: 'GET', path: '/record?moduleCode=102&pageSize=1&deviceId=d-1' })
  await at('05.000', { path: '/nothing', body: 'text' })
  const rows: [query: string, ids: number[]][] = [
    ['', [1, 2, 3, 4, 5]],
    ['operation=batchAddBackupScope', [1]],
    ['operation=none', []],
    [`deviceId=${exampleDevice}`, [1]],
    ['deviceId=d-1', [3, 4]],
    ['status=404', [5]],
    ['status=200&operation=listBoundDevice', [2]],
    ['code=0', [1, 2, 4]],
    ['code=13000102', [3]],
    ['since=2026-01-01T00:00:02Z', [2, 3, 4, 5]],
    ['until=2026-01-01T00:00:02.000Z', [1]],
    ['since=2026-01-01T00:00:02.000Z&until=2026-01-01T00:00:04.000Z', [2, 3]],
    ['body.moduleCode=102', [1, 3]],
    ['body.n=5&body.b=true', [3]],
    ['body.o=%7B%22p%22%3A1%7D', [3]],
    ['body.none=undefined', []],
    ['limit=2', [4, 5]],
    ['limit=0', []],
    ['limit=99', [1, 2, 3, 4, 5]],
    ['code=0&limit=1', [4]],
  ]
  const first = (await emulator.journal(5))[0]?.id ?? 0
  for (const [query, ids] of rows) {
    const { requests } = jsonOf(await emulator.steer('GET', `/requests?${query}`))
    t.same(
      requests.map(({ id }: { id: number }) => id - first + 1),
      ids,
      query,
    )
    t.same(jsonOf(await emulator.steer('GET', `/requests/count?${query}`)), { count: ids.length })
    t.equal(jsonOf(await emulator.steer('GET', `/requests.har?${query}`)).log.entries.length, ids.length)
  }
  const wrong: [query: string, detail: string][] = [
    [
      'operatoin=a',
      'query/operatoin is not known; expected operation, deviceId, status, code, since, until, limit or body.',
    ],
    ['status=ok', 'status is a string of 2'],
    ['limit=-1', 'limit is a string of 2'],
    ['since=yesterday', 'since is a string of 9'],
    ['until=2026-02-30T25:00:00Z', 'query/until is no instant of the calendar'],
  ]
  for (const [query, detail] of wrong)
    for (const path of ['', '/count', '.har']) {
      const refused = await emulator.steer('GET', `/requests${path}?${query}`)
      t.match(refused, { status: 400, headers: { 'content-type': 'application/problem+json' } })
      t.match(jsonOf(refused).detail, detail)
    }
  t.equal((await emulator.steer('GET', '/requests', undefined, 'none')).status, 404)
})

t.test('HAR 1.2: what the tools that read one expect', async (t) => {
  const emulator = await driven(t)
  const { id } = await emulator.fault({ operations: ['listBoundDevice'], effect: { type: 'loseAnswer' } })
  await emulator.send({ body: batch('/a'), path: `/device/${exampleDevice}/scope?a=%26`, world: 'default' })
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.send({ body: 'text', headers: { 'content-type': 'application/json' } })
  await emulator.journal(3)
  const har = await emulator.steer('GET', '/requests.har')
  t.equal(har.headers['content-type'], 'application/json; charset=utf-8')
  const { log, ...others } = jsonOf(har)
  t.same(others, {})
  t.match(log, { version: '1.2', creator: { name: 'koodrive-backup-emulator', version } })
  const [added, lost, unknown] = log.entries
  const request = JSON.stringify(batch('/a'))
  t.match(added, {
    startedDateTime: '2025-12-17T12:00:00.000Z',
    time: Number,
    request: {
      method: 'POST',
      url: `${emulator.url}/worlds/default${scopePath}?a=%26`,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [{ name: 'authorization', value: `Bearer ${hashOf('some-token')}` }],
      queryString: [{ name: 'a', value: '&' }],
      postData: { mimeType: 'application/json', text: request },
      headersSize: -1,
      bodySize: request.length,
    },
    response: {
      status: 200,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [{ name: 'content-type', value: 'application/json; charset=utf-8' }],
      content: { size: Number, mimeType: 'application/json', text: /^{"scopeList":/ },
      redirectURL: '',
      headersSize: -1,
      bodySize: Number,
    },
    cache: {},
    timings: { send: 0, wait: added.time, receive: 0 },
    comment: 'batchAddBackupScope',
  })
  t.match(lost, { response: { status: 0, headers: [] }, comment: `listBoundDevice - ${id}` })
  t.equal(lost.request.postData, undefined)
  t.match(unknown, {
    request: { postData: { text: 'text' } },
    response: { status: 400 },
    comment: /body is not acceptable/,
  })
})

/** The events of a stream so far, parsed. */
const eventsOf = (text: string) =>
  [...text.matchAll(/^id: (\d+)\nevent: request\ndata: (.*)\n\n/gm)].map(([, id, data = '']) => ({
    id: Number(id),
    ...JSON.parse(data),
  }))

t.test('the stream tells of every exchange as it comes, over a reset, until either side ends it', async (t) => {
  const emulator = await driven(t)
  const watch = async (world: string) => {
    const request = http.get(`${emulator.url}/_emulator/worlds/${world}/requests/stream`, { agent: false })
    const [response] = await once(request, 'response')
    t.match(response.headers['content-type'], 'text/event-stream')
    return response
  }
  const stream = await watch('one')
  const read = (count: number) => readUntil(stream, (text) => eventsOf(text).length >= count)
  await emulator.send({ body: batch('/else') })
  await emulator.send({ body: batch('/a'), world: 'one' })
  t.match(eventsOf(await read(1)), [{ id: 1, world: 'one', path: `/worlds/one${scopePath}`, requestBody: batch('/a') }])
  await emulator.steer('POST', '/reset', undefined, 'one')
  await emulator.send({ body: batch('/b'), world: 'one' })
  t.match(eventsOf(await read(1)), [{ id: 1, requestBody: batch('/b') }])
  const other = await watch('one')
  other.destroy()
  await emulator.send({ body: batch('/c'), world: 'one' })
  t.match(eventsOf(await read(1)), [{ id: 2, requestBody: batch('/c') }])
  const ended = once(stream, 'end')
  stream.resume()
  await emulator.server.close()
  await ended
})

t.test('somebody who watches and does not read is let go', async (t) => {
  const emulator = await driven(t)
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  await wire.send('GET /_emulator/worlds/default/requests/stream HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const { journal } = emulator.world
  let told = 0
  journal.watch(() => {
    told += 1
  })
  const text = 'x'.repeat(16 * 1024)
  for (let index = 0; index < 2000; index += 1) {
    journal.add(anExchange({ responseBody: { text } }))
    if (index % 50 === 0) await new Promise(setImmediate)
  }
  t.equal(told, 2000)
  const received = await wire.rest().catch((error: Error) => error.message)
  t.ok(received.length < 2000 * text.length)
})

t.test('each world has its own journal; control requests are in none; a reset empties it', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/a'), world: 'one' })
  await emulator.send({ method: 'GET', path: '/device', world: 'two' })
  await emulator.send({ path: '/nothing', world: 'nobody' })
  await emulator.send({ method: 'GET', path: '/device', headers: { 'x-emulator-world': 'bad name' } })
  t.match(await emulator.journal(1, '', 'one'), [{ world: 'one', operation: 'batchAddBackupScope' }])
  t.match(await emulator.journal(1, '', 'two'), [{ world: 'two', operation: 'listBoundDevice' }])
  t.same(await emulator.journal(0), [])
  t.equal((await emulator.steer('GET', '', undefined, 'nobody')).status, 404)
  await emulator.steer('POST', '/snapshots/here', undefined, 'one')
  await emulator.steer('POST', '/snapshots/here/restore', undefined, 'one')
  await emulator.steer('PUT', '/state', {}, 'one')
  t.equal((await emulator.journal(1, '', 'one')).length, 1)
  await emulator.steer('POST', '/reset', undefined, 'one')
  t.same(await emulator.journal(0, '', 'one'), [])
})

t.test('the request that makes a world is journaled by the clock of that world', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PATCH', '/clock', { frozen: true, now: '2030-01-01T00:00:00.000Z' })
  await emulator.send({ body: batch('/a'), world: 'one' })
  t.match(await emulator.journal(1, '', 'one'), [{ time: '2025-12-17T12:00:00.000Z' }])
})

const appId = 'a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1'
const token = 'canary-token-5b"1\\7/=e+c'
const appSecret = 'canary-secret-58c01'
const signature = 'ca0a51'.padEnd(64, '9')
const signed = `HMAC-SHA256 AppId=${appId},SignedHeaders=x-date;x-user-id,Signature=${signature}`

t.test('no secret is in any log line, journal, archive, stream, export, review or error', async (t) => {
  const emulator = await driven(t, { logLevel: 'trace' })
  const stream = await once(
    http.get(`${emulator.url}/_emulator/worlds/default/requests/stream`, { agent: false }),
    'response',
  )
  let streamed = ''
  stream[0].setEncoding('utf8').on('data', (piece: string) => {
    streamed += piece
  })
  t.equal((await emulator.steer('POST', '/tokens', { userId: exampleUser, token })).status, 201)
  t.equal((await emulator.steer('POST', '/apps', { appId: 'app', appSecret })).status, 201)
  const errors: Seen[] = [
    await emulator.steer('POST', '/tokens', { userId: exampleUser, token, lifetime: 'x' }),
    await emulator.steer('POST', '/tokens', { userId: '', token }),
    await emulator.steer('DELETE', '/tokens', { token: `${token}!` }),
    await emulator.steer('POST', '/apps', { appId: 'a b', appSecret }),
    await emulator.steer('POST', '/apps', { appId, appSecret: [appSecret] }),
  ]
  const authorizations = [
    `Bearer ${token}`,
    `bearer+${token}`,
    signed,
    `${signed},${token}`,
    `Bearer  ${token}`,
    `Bearer ${token} x`,
    `Token ${token}`,
    `Bearer,${token}`,
    token,
    `HMAC-SHA256 Signature=${signature}`,
    `Bearer ${appSecret}`,
  ]
  for (const authorization of authorizations) {
    const secret =
      [signature, appSecret].find((one) => authorization.includes(one) && !authorization.includes(token)) ?? token
    const escaped = [...secret].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    const inPath = encodeURIComponent(secret)
    const headers = { authorization, 'x-other': `a ${secret} b`, cookie: 'c00kie-canary' }
    errors.push(
      await emulator.send({ headers, body: { ...batch(`/${secret}`), [secret]: [secret, 1, null, true] } }),
      await emulator.send({ headers, body: `{"moduleCode":"102","scopeList":[{"localPath":"/${escaped}"}]}` }),
      await emulator.send({
        headers,
        path: `/device/${inPath}/scope?moduleCode=102&${inPath}=${inPath}`,
        method: 'GET',
      }),
      await emulator.send({ headers, path: `/record/${secret.replace(/["\\]/g, encodeURIComponent)}?a=%zz` }),
      await emulator.send({ headers: { ...headers, 'content-type': 'text/plain' }, body: secret }),
      await emulator.send({ headers, body: `{${secret}` }),
      await emulator.send({ headers, body: `${'x'.repeat(20_000)}` }),
      await emulator.send({ headers: { ...headers, 'x-user-id': secret }, body: {} }),
      await emulator.send({ headers: { ...headers, authorization: [authorization, authorization] } }),
    )
  }
  const entries = await emulator.journal(10)
  const kept = emulator.logLines.length
  const shown = {
    journal: JSON.stringify(entries),
    har: (await emulator.steer('GET', '/requests.har')).text,
    review: (await emulator.steer('GET', '/review')).text,
    log: emulator.logLines.slice(0, kept).join(''),
    streamed,
  }
  const canaries = [
    'canary',
    signature,
    'c00kie',
    JSON.stringify(token).slice(1, -1),
    encodeURIComponent(token).slice(13),
  ]
  for (const [where, text] of Object.entries(shown)) {
    for (const canary of canaries) t.notOk(text.includes(canary), `${canary} in ${where}`)
    t.ok(text.length > 10)
  }
  for (const { headers } of errors) t.notMatch(JSON.stringify(headers), /canary|ca0a51/)
  for (const { text } of errors.slice(0, 5)) t.notMatch(text, /canary/)
  await emulator.steer('PUT', '/state', {})
  t.notMatch((await emulator.steer('GET', '/state')).text, /canary|ca0a51/)
})

t.test('two uses of one secret are recognised by the same short hash', async (t) => {
  const emulator = await driven(t)
  for (const authorization of [`Bearer ${token}`, `bearer+${token}`, 'Bearer another-one', signed, 'Bearer x'])
    await emulator.send({ headers: { authorization }, body: batch('/x') })
  const entries = await emulator.journal(5)
  t.same(
    entries.map(({ requestHeaders }) => requestHeaders['authorization']),
    [
      `Bearer ${hashOf(token)}`,
      `bearer+${hashOf(token)}`,
      `Bearer ${hashOf('another-one')}`,
      signed.replace(signature, hashOf(signature)),
      `Bearer ${hashOf('x')}`,
    ],
  )
  t.same(entries[4]?.requestBody, batch('/x'), 'a token as short as a word hides nothing else')
})

t.test('numbers and repeated headers hold no secret either', async (t) => {
  const emulator = await driven(t)
  const headers = { authorization: 'Bearer 1234567890', 'x-twice': ['1234567890', 'b'], 'x-auth-token': 'tiny' }
  await emulator.send({ headers, body: { ...batch('/a'), n: 1234567890, m: 5, o: [null] } })
  const [entry] = await emulator.journal(1)
  t.same(entry?.requestBody, { ...batch('/a'), n: hashOf('1234567890'), m: 5, o: [null] })
  t.equal(entry?.requestHeaders['x-twice'], `${hashOf('1234567890')}, b`)
  t.equal(entry?.requestHeaders['x-auth-token'], hashOf('tiny'))
})

t.test('in process, the journal, the archive and the review are those that HTTP shows', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const world = emulator.world('embedded')
  const json = { 'content-type': 'application/json' }
  const headers = { authorization: 'Bearer t', 'x-user-id': 'u', 'x-date': xDate(Date.now()), ...json }
  const body = JSON.stringify({ ...batch('/a'), extra: 1 })
  await (await fetch(`${world.url}${scopePath}`, { method: 'POST', headers, body })).text()
  await (await fetch(`${world.url}${base}/device`, { headers })).text()
  // biome-ignore lint/suspicious/noExplicitAny: whatever the control plane answers
  const shown = async (path: string): Promise<any> =>
    (await fetch(`${emulator.url}/_emulator/worlds/embedded/${path}`)).json()
  const { requests } = await shown('requests')
  t.equal(requests.length, 2)
  t.same(world.requests(), requests)
  t.same(world.requests({ operation: 'listBoundDevice' }), [requests[1]])
  t.same(world.requests({ limit: 1, status: 200, code: 0, body: {} }), [requests[1]])
  t.same(world.requests({ body: { moduleCode: '102' } }), [requests[0]])
  t.same(world.har(), await shown('requests.har'))
  t.same(world.har({ operation: 'none' }), await shown('requests.har?operation=none'))
  const { findings } = await shown('review')
  t.same(world.review(), findings)
  t.match(findings, [{ rule: 'unread-fields' }, { rule: 'device-not-bound' }])
  world.forgetRequests()
  t.same(world.requests(), [])
})

t.test('an entry has the time at which its request came, however long the answer took', async (t) => {
  const emulator = await driven(t)
  await emulator.steer('PATCH', '/clock', { frozen: true, now: '2026-01-01T00:00:00.000Z' })
  await emulator.fault({ operations: '*', effect: { type: 'latency', ms: 100 } })
  const sent = emulator.send({ method: 'GET', path: '/device' })
  while ((await emulator.faults())[0]?.hits !== 1);
  emulator.world.clock.set({ ...emulator.world.clock.state(), frozenAt: noon })
  await sent
  t.match(await emulator.journal(1), [{ time: '2026-01-01T00:00:00.000Z' }])
})

t.test(
  'an archive names the media type that was sent, and a body is read against its contract, if it has one',
  async (t) => {
    const emulator = await driven(t)
    await emulator.send({ body: batch('/a'), headers: { 'content-type': 'application/json; charset=utf-8' } })
    const [entry] = await emulator.journal(1)
    const { log } = harOf(entry ? [entry] : [], 'http://emulator')
    t.match(log.entries, [{ request: { postData: { mimeType: 'application/json; charset=utf-8' } } }])
    const absolute = harOf(entry ? [{ ...entry, path: 'http://elsewhere/a?b=1' }] : [], 'http://emulator')
    t.match(absolute.log.entries, [
      { request: { url: 'http://elsewhere/a?b=1', queryString: [{ name: 'b', value: '1' }] } },
    ])
    t.same(unreadOf('renewalBackupLock', [{ a: 1 }], ['b']), ['body/0/a', 'query/b'])
  },
)
