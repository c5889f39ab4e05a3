import { hash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Archive } from '../schemas/har.ts'
import { readArchive } from '../src/archive/reading.ts'
import { archiveFile } from '../src/archive/writing.ts'
import { ArrivingBody } from '../src/http/arriving-body.ts'
import { startEmulator } from '../src/index.ts'
import type { Entry, NewEntry } from '../src/journal/entry.ts'
import { keepBytes, keepText } from '../src/journal/entry.ts'
import { factsOf } from '../src/journal/facts.ts'
import { harOf } from '../src/journal/har.ts'
import { Journal, JournalBudget } from '../src/journal/journal.ts'
import { version } from '../src/process/package.ts'
import { archiveOf } from '../src/world/archive.ts'
import { targetOf } from './fixtures/backup.ts'
import type { Driven, Seen } from './fixtures/client.ts'
import { batch, driven, exchange, jsonOf, readUntil } from './fixtures/client.ts'
import { exampleDevice, exampleUser, noon, xDate } from './fixtures/emulator.ts'
import { openWire } from './fixtures/socket.ts'

const base = '/koodrive/ose/v1/backup'
const scopePath = `${base}/device/${exampleDevice}/scope`
const unbounded = new JournalBudget(Number.POSITIVE_INFINITY)
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
      effect: null,
      retryAfter: null,
      rowsWritten: 2,
      requestSize: 78,
      responseHeaders: {
        'content-type': 'application/json; charset=utf-8',
        date: 'Wed, 17 Dec 2025 12:00:00 GMT',
        'content-length': '325',
      },
      delivered: true,
      connection: 1,
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
      { status: 415, requestBody: 'x', requestSize: 1 },
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
    const target = targetOf(file.multiParts[0].uploadUrl)
    await emulator.send({ method: 'PUT', path: `!${target}`, body: 'content' })
    const [entry] = await emulator.journal(1, '?limit=1')
    t.match(entry, {
      operation: 'uploadPart',
      method: 'PUT',
      path: target.replace(/(?<=X-Amz-Signature=).*/, (secret) => hashOf(secret)),
      requestSize: 7,
      status: 200,
      code: null,
      responseBody: null,
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

t.test(
  'DEC-36: a part as it was answered has nothing that nobody reads, and another name still is named',
  async (t) => {
    const emulator = await driven(t)
    const part = { partNumber: 1, partSize: 3, uploadUrl: 'http://a', partId: 'x', uploadURL: 'http://a' }
    for (const path of ['/record/1/file', '!/koodrive/ose/v1/files/multipart/uploadUrl']) {
      await emulator.send({ path, body: { fileName: 'f', fileId: '1', multiParts: [part] } })
    }
    const unread = (await emulator.journal(2)).map((entry) => entry.unread)
    t.same(unread, [
      ['body/fileId', 'body/multiParts/0/uploadURL'],
      ['body/fileName', 'body/multiParts/0/uploadURL'],
    ])
  },
)

t.test('a body over 16 KiB is cut, keeping its length and its SHA-256', async (t) => {
  const emulator = await driven(t)
  const text = JSON.stringify({ ...batch('/a'), x: 'ü'.repeat(9000) })
  await emulator.send({ body: text })
  const [entry] = await emulator.journal(1)
  const { beginning, bytes, sha256, ...rest } = Object(entry?.requestBody)
  t.same([bytes, sha256, rest], [Buffer.byteLength(text), hash('sha256', text), {}])
  t.ok(text.startsWith(beginning) && Buffer.byteLength(beginning) >= 16_383)
  t.same(entry?.unread, ['body/x'], 'what was noted of it is of the whole')

  for (const [length, isCut] of [
    [16 * 1024, false],
    [16 * 1024 + 1, true],
  ] as const) {
    t.equal(keepText('a'.repeat(length)).cut !== undefined, isCut)
    t.equal(keepText('a'.repeat(length)).text.length, 16 * 1024)
  }
  t.equal(keepText('😀'.repeat(4096)).cut, undefined)
  t.equal(keepText(`a${'😀'.repeat(4096)}`).text, `a${'😀'.repeat(4095)}`)
})

const anExchange = (change: Partial<Entry> = {}): NewEntry => ({
  time: noon,
  wallTime: noon,
  signingTime: noon,
  durationMs: 1,
  endedAt: noon,
  endTime: noon,
  begunAfter: 0,
  refusal: null,
  check: null,
  part: null,
  isInjected: false,
  changes: null,
  changesOmitted: 0,
  workBefore: 0,
  replayOf: null,
  madeFirst: false,
  clockMoved: 0,
  operation: null,
  method: 'GET',
  path: '/',
  params: {},
  query: [],
  world: 'default',
  connection: 1,
  isFirstOnConnection: false,
  requestHeaders: [],
  requestBody: { text: '' },
  requestSize: 0,
  status: 200,
  code: 0,
  reason: null,
  responseHeaders: {},
  responseBody: { text: '' },
  delivered: true,
  fault: null,
  effect: null,
  retryAfter: null,
  rowsWritten: 0,
  facts: null,
  ...change,
})

t.test('a journal keeps the newest 1,000 entries and 1 MiB, and tells how many it dropped', async (t) => {
  const journal = new Journal(unbounded)
  for (let index = 0; index < 1000; index += 1) journal.add(anExchange())
  t.same([journal.entries.length, journal.dropped], [1000, 0])
  journal.add(anExchange())
  t.same(
    [journal.entries.length, journal.entries[0]?.id, journal.entries.at(-1)?.id, journal.dropped],
    [1000, 2, 1001, 1],
  )
  journal.clear()
  t.same([journal.entries.length, journal.dropped], [0, 0])

  const text = 'b'.repeat(16 * 1024)
  const size = () => journal.entries.reduce((sum, one) => sum + 2 * (one.requestBody.text.length + one.path.length), 0)
  for (let index = 0; index < 20_000; index += 1) {
    journal.add(anExchange({ requestBody: keepText(index % 2 ? text : `${text}${text}`), path: `/${'u'.repeat(500)}` }))
    if (index % 1000 === 0) t.ok(size() <= 1024 * 1024 && journal.entries.length <= 1000)
  }
  t.ok(size() <= 1024 * 1024 && size() > 900_000)
  t.equal(journal.entries.length + journal.dropped, 20_000)
  t.equal(journal.entries.at(-1)?.id, 21_001)
  const huge = new Journal(unbounded)
  huge.add(anExchange({ path: 'h'.repeat(2_000_000) }))
  t.equal(huge.entries.length, 1, 'the newest stays, whatever its size')
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`name${index}`, 'v'.repeat(1000)]))
  const facts = factsOf({ operation: null, params: {}, query: [], body: wide, bodyText: 'wide', payload: undefined })
  for (let index = 0; index < 100; index += 1) huge.add(anExchange({ facts }))
  t.ok(huge.entries.length < 10, 'what is noted of large bodies counts, too')
})

t.test('a world that is put back again and again leaves no trace of that but what divides what is kept', async (t) => {
  const journal = new Journal(unbounded)
  const restored = (times: number) => {
    for (let time = 0; time < times; time += 1) journal.noteRestoration()
  }
  restored(3)
  t.same(journal.restorations, [0])
  journal.add(anExchange())
  restored(2)
  journal.add(anExchange())
  restored(1)
  t.same(journal.restorations, [0, 1, 2])
  journal.drop()
  journal.drop()
  journal.add(anExchange())
  restored(1)
  t.same(journal.restorations, [2, 3])
  journal.drop()
  journal.drop()
  t.equal(journal.dropped, 3, 'what is not there is not given up')
})

t.test(
  'entries are forgotten up to one: what came after it stays, with what divides and what was given up',
  async (t) => {
    const budget = new JournalBudget(1e9, 4)
    const journal = new Journal(budget)
    const idsOf = () => journal.entries.map(({ id }) => id)
    for (let index = 0; index < 6; index += 1) {
      journal.add(anExchange())
      if (index === 2 || index === 4) journal.noteRestoration()
    }
    t.same([idsOf(), journal.dropped, journal.restorations], [[3, 4, 5, 6], 2, [3, 5]])
    journal.clear(1)
    t.same([idsOf(), journal.dropped], [[3, 4, 5, 6], 1], 'the second came after the first, and is no longer kept')
    journal.clear(4)
    t.same([idsOf(), journal.dropped, journal.restorations], [[5, 6], 0, [5]])
    const one = budget.bytes / 2
    journal.clear(5)
    t.equal(budget.bytes, one, 'what was forgotten takes nothing')
    journal.clear(9)
    t.same([idsOf(), journal.dropped, journal.restorations, budget.bytes], [[], 0, [], 0])
    t.equal(journal.add(anExchange()).id, 7, 'ids go on')
  },
)

t.test('a text that is cut within a character is a text', async (t) => {
  const bytes = Buffer.from('漢'.repeat(20_000))
  for (const length of [40_958, 40_959, 40_960]) {
    const kept = keepBytes(bytes.subarray(0, length), (text) => text, { size: bytes.length, sha256: '' })
    t.match(kept, { text: /^漢+$/, isBinary: undefined })
  }
  t.match(keepBytes(Buffer.from([0xe6, 0xbc]), String), { isBinary: true })
})

t.test('a body that became longer or shorter without its secrets is cut where it is cut', async (t) => {
  const [long, longer] = [Buffer.alloc(16_000, 'a'), Buffer.alloc(17_000, 'a')]
  t.match(
    keepBytes(long, (text) => `${text}${text}`),
    { text: /^a{16384}$/, cut: { bytes: 16_000 } },
  )
  t.same(
    keepBytes(longer, () => 'b'),
    { text: 'b' },
  )
  t.match(
    keepBytes(long, () => 'b', { size: 17_000, sha256: 'c' }),
    { text: 'b', cut: { bytes: 17_000, sha256: 'c' } },
  )
})

t.test('over HTTP: dropped, count, filters, and emptied', async (t) => {
  const emulator = await driven(t)
  for (let index = 0; index < 1001; index += 1) emulator.world.journal.add(anExchange())
  t.match(jsonOf(await emulator.steer('GET', '/requests?limit=1')), { requests: [{ id: 1001 }], dropped: 1 })
  t.same(jsonOf(await emulator.steer('GET', '/requests/count')), { count: 1000 })
  t.equal((await emulator.steer('DELETE', '/requests')).status, 204)
  t.same(jsonOf(await emulator.steer('GET', '/requests')), { requests: [], dropped: 0 })
  for (let index = 0; index < 3; index += 1) emulator.world.journal.add(anExchange())
  t.equal((await emulator.steer('DELETE', '/requests?upTo=1003')).status, 204)
  t.match(jsonOf(await emulator.steer('GET', '/requests')), { requests: [{ id: 1004 }], dropped: 0 })
  t.match(jsonOf(await emulator.steer('DELETE', '/requests?upTo=all')), { status: 400, detail: /^query\/upTo/ })
  t.match(jsonOf(await emulator.steer('DELETE', '/requests?upto=1')), { detail: 'query/upto is not a known property' })
  t.equal(emulator.world.journal.entries.length, 1, 'who misspells it loses nothing')
  await emulator.steer('DELETE', '/requests')

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
    ['operation=bindDevice', []],
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
      'query/operatoin is not known; expected operation, deviceId, status, code, since, until, limit, after, userId, ',
    ],
    ['operation=bindDevices', 'query/operation is a string of 11; expected one of "bindDevice", '],
    ['since=2026-02-30T00:00:00Z', 'query/since is no instant of the calendar'],
    ['status=ok', 'status is a string of 2'],
    ['limit=-1', 'limit is a string of 2'],
    ['since=yesterday', 'since is a string of 9'],
    ['until=2026-02-30T25:00:00Z', 'query/until is no instant of the calendar'],
    ['status=200&status=400', 'query/status was given twice; give it once'],
    ['body.n=5&body.n=6', 'query/body.n was given twice; give it once'],
    [
      'finding=lock-never-realeased',
      'query/finding is no rule of the review; expected one of any, lock-never-released, ',
    ],
    ['fault=fault1', 'query/fault is a string of 6'],
    ['fact=DEC1', 'query/fact is no fact or decision; expected an id such as CFG-2 or DEC-1'],
  ]
  for (const [query, detail] of wrong)
    for (const path of ['', '/count', '.har']) {
      const refused = await emulator.steer('GET', `/requests${path}?${query}`)
      t.match(refused, { status: 400, headers: { 'content-type': 'application/problem+json' } })
      t.match(jsonOf(refused).detail, detail)
    }
  for (const query of ['operation=bindDevice', 'body.n=5']) {
    const refused = await emulator.steer('GET', `/requests/stream?${query}`)
    t.equal(refused.status, 400)
    t.match(jsonOf(refused).detail, 'the stream tells of every entry; take from it what is wanted')
  }
  t.equal((await emulator.steer('GET', '/requests', undefined, 'none')).status, 404)
})

t.test('of an answer to HEAD, which has no body, journal and HAR show none', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ method: 'HEAD', path: '/device' })
  t.match(await emulator.journal(1), [{ method: 'HEAD', status: 404, code: 13000101, responseBody: null }])
  const { log } = jsonOf(await emulator.steer('GET', '/requests.har'))
  t.match(log.entries, [{ response: { bodySize: 0, content: { size: 0, text: '' } } }])
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

t.test(
  'HAR says of each request in which version of HTTP it came, also once its world went through a file',
  async (t) => {
    const emulator = await driven(t)
    for (const line of [`GET ${base}/device HTTP/1.0`, `GET ${base}/device HTTP/1.1`, 'nothing']) {
      const wire = await openWire(t, Number(new URL(emulator.url).port))
      await wire.send(`${line}\r\nhost: a\r\nconnection: close\r\n\r\n`)
      await wire.answer()
    }
    await emulator.journal(3)
    const versionsIn = ({ log }: Archive) =>
      log.entries.map((one) => [one.request.httpVersion, one.response.httpVersion])
    const versions = [
      ['HTTP/1.0', 'HTTP/1.1'],
      ['HTTP/1.1', 'HTTP/1.1'],
      ['', 'HTTP/1.1'],
    ]
    t.same(versionsIn(jsonOf(await emulator.steer('GET', '/requests.har'))), versions, 'and of no request, none')
    const { journal } = readArchive(archiveFile(archiveOf(emulator.world), false))
    t.same(versionsIn(harOf(journal.entries, '')), versions)
    const older = journal.entries.map(({ httpVersion: _, ...entry }) => entry)
    t.same(
      versionsIn(harOf(older, '')).map(([request]) => request),
      ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1'],
    )
  },
)

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
  await emulator.steer('PUT', '', {}, 'one')
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

t.test('a stream goes on after the entry that its reader had last, and says where some are gone', async (t) => {
  const emulator = await driven(t)
  const { journal } = emulator.world
  for (let index = 0; index < 1003; index += 1) journal.add(anExchange())
  const idsAfter = async (lastId: string, count: number) => {
    const headers = { 'last-event-id': lastId }
    const url = `${emulator.url}/_emulator/worlds/default/requests/stream`
    const [response] = await once(http.get(url, { agent: false, headers }), 'response')
    let text = ''
    for await (const piece of response) {
      text += piece
      if (eventsOf(text).length >= count) break
    }
    return [/event: gap/.test(text), ...eventsOf(text).map(({ id }) => id)]
  }
  t.same(await idsAfter('1001', 2), [false, 1002, 1003])
  t.match(await idsAfter('1', 1000), [true, 4, 5], 'the oldest are no longer kept')
  t.match(await idsAfter('2000', 1000), [true, 4], 'a number of another journal')
  t.match(await idsAfter('x', 1000), [true, 4], 'nor is this one of this journal')
  await emulator.steer('DELETE', '/requests')
  const early = idsAfter('1003', 1)
  while (emulator.server.server.connections === 0) await new Promise(setImmediate)
  const told = setInterval(() => journal.add(anExchange()), 20)
  t.match(await early, [false, 1004], 'nothing is there, and nothing is missing')
  clearInterval(told)
})

t.test('somebody who watches and does not read costs little, and goes on with what is still kept', async (t) => {
  const emulator = await driven(t)
  const url = `${emulator.url}/_emulator/worlds/default/requests/stream`
  const [response] = await once(http.get(url, { agent: false }), 'response')
  const { journal } = emulator.world
  const text = 'x'.repeat(16 * 1024)
  for (let index = 0; index < 2000; index += 1) {
    journal.add(anExchange({ responseBody: { text } }))
    if (index % 50 === 0) await new Promise(setImmediate)
  }
  await emulator.steer('DELETE', '/requests')
  journal.add(anExchange({ path: '/the-last' }))
  let told = ''
  for await (const piece of response) {
    told += piece
    if (told.includes('/the-last')) break
  }
  t.ok(told.length < 1500 * text.length, 'of what nobody read, not all is there')
  t.match(told, /event: gap\ndata: {"world":"default"}\n\nid: 2001\n/)
})

t.test('each world has its own journal; control requests are in none; a reset empties it', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/a'), world: 'one' })
  await emulator.send({ method: 'GET', path: '/device', world: 'two' })
  await emulator.send({ path: '/nothing', world: 'nobody' })
  await emulator.send({ method: 'GET', path: '/device', headers: { 'x-emulator-world': 'bad name' } })
  t.match(await emulator.journal(1, '', 'one'), [{ world: 'one', operation: 'batchAddBackupScope' }])
  t.match(await emulator.journal(1, '', 'two'), [{ world: 'two', operation: 'listBoundDevice' }])
  t.match(
    await emulator.journal(2),
    [
      { world: 'default', path: `/worlds/nobody${base}/nothing`, status: 404 },
      { world: 'default', status: 400, reason: /^the world is named with/ },
    ],
    'what is let into no world is in the journal of the default one',
  )
  t.equal((await emulator.steer('GET', '', undefined, 'nobody')).status, 404)
  await emulator.steer('POST', '/snapshots/here', undefined, 'one')
  await emulator.steer('POST', '/snapshots/here/restore', undefined, 'one')
  await emulator.steer('PUT', '/state', {}, 'one')
  t.equal((await emulator.journal(1, '', 'one')).length, 1)
  const rows = async () => jsonOf(await emulator.steer('GET', '/requests?view=summary', undefined, 'one'))
  t.match(await rows(), { requests: [{ id: 1 }], restorations: [1] }, 'rows say after which the world was put back')
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
  t.same(world.har({ operation: 'bindDevice' }), await shown('requests.har?operation=bindDevice'))
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

t.test('an archive names the media type that was sent, and the address in absolute form', async (t) => {
  const emulator = await driven(t)
  await emulator.send({ body: batch('/a'), headers: { 'content-type': 'application/json; charset=utf-8' } })
  await emulator.journal(1)
  const [entry] = emulator.world.journal.entries
  const { log } = harOf(entry ? [entry] : [], 'http://emulator')
  t.match(log.entries, [{ request: { postData: { mimeType: 'application/json; charset=utf-8' } } }])
  const absolute = harOf(
    entry ? [{ ...entry, path: 'http://elsewhere/a?b=1', query: [['b', '1']] }] : [],
    'http://emulator',
  )
  t.match(absolute.log.entries, [
    { request: { url: 'http://elsewhere/a?b=1', queryString: [{ name: 'b', value: '1' }] } },
  ])
})

/** The entries as they stand in the answer, before a parser makes other numbers of them. */
const textOfJournal = async (emulator: Driven): Promise<string> => (await emulator.steer('GET', '/requests')).text

t.test(
  'a body stands in the journal as it was sent: every digit, doubled keys, numbers that are none in JavaScript',
  async (t) => {
    const emulator = await driven(t)
    const sent = '{"machineCode":"A","seq":1842812272691451648, "dup":1,"dup":2,\n"f":1.0,"e":1e400}'
    await emulator.send({ path: '/device', body: sent })
    await emulator.send({ path: '/device', body: `\uFEFF${sent}` })
    await emulator.journal(2)
    const text = await textOfJournal(emulator)
    t.equal(text.split(`"requestBody":${sent}`).length, 3, 'also where it began with a byte order mark')
    t.ok(JSON.parse(text))
    const count = async (query: string) => jsonOf(await emulator.steer('GET', `/requests/count?${query}`)).count
    t.same(
      [
        await count('body.seq=1842812272691451648'),
        await count('body.seq=1842812272691451600'),
        await count('body.f=1.0'),
      ],
      [2, 0, 2],
    )
    t.same([await count('body.dup=2'), await count('body.e=1e400'), await count('body.machineCode=A')], [2, 2, 2])
    const { log } = jsonOf(await emulator.steer('GET', '/requests.har'))
    t.match(log.entries[0].request, { bodySize: Buffer.byteLength(sent), postData: { text: sent } })
    t.match(log.entries[1].request, { bodySize: Buffer.byteLength(sent) + 3 })
    t.same((await emulator.journal(2))[1]?.unread, ['body/seq', 'body/dup', 'body/f', 'body/e'])
  },
)

t.test('a fault is held against the digits that were sent', async (t) => {
  const emulator = await driven(t)
  const fault =
    '{"operations":["bindDevice"],"body":{"/seq":2091661565089613696},"effect":{"type":"refuse","status":418}}'
  const made = await exchange(
    `${emulator.url}/_emulator/worlds/default/faults`,
    'POST',
    { 'content-type': 'application/json', 'content-length': fault.length },
    fault,
  )
  t.equal(made.status, 201)
  t.match(made.text, '"/seq":2091661565089613696')
  const bind = (seq: string) => emulator.send({ path: '/device', body: `{"machineCode":"A","seq":${seq}}` })
  t.equal((await bind('2091661565089613697')).status, 200)
  t.equal((await bind('2091661565089613696')).status, 418)
  t.equal((await bind('7')).status, 200)
  t.equal((await bind('2091661565089613696.5')).status, 200)
  t.equal((await bind('1e400, "x":1234567890123456')).status, 200)
  t.match((await emulator.steer('GET', '/faults')).text, '"/seq":2091661565089613696')
})

t.test('a refused body is kept, too: of another media type, encoded, or sent where nothing is', async (t) => {
  const emulator = await driven(t)
  const plain = JSON.stringify(batch('/a'))
  const json = { 'content-type': 'application/json' }
  const zipped = gzipSync(plain)
  const post = async (path: string, headers: http.OutgoingHttpHeaders, body: Buffer | string) => {
    const request = http.request(emulator.url + path, { method: 'POST', agent: false, headers })
    request.end(body)
    const [response] = await once(request, 'response')
    response.resume()
    await once(response, 'end')
  }
  const honest = { ...emulator.headers() }
  await post(scopePath, { ...honest, 'content-type': 'text/plain' }, plain)
  await post(scopePath, { ...honest, ...json, 'content-encoding': 'gzip' }, zipped)
  await post(`${base}/devicex`, { ...honest, ...json }, plain)
  await post(scopePath, { ...honest, 'content-type': 'text/plain' }, 'x'.repeat(40_000))
  await post(scopePath, { ...honest, ...json }, Buffer.alloc(40_000, 0xff))
  const [typed, coded, nowhere, long, binary] = await emulator.journal(5)
  t.match(typed, { status: 415, requestBody: batch('/a'), requestSize: plain.length })
  t.match(coded, { requestBody: { base64: zipped.toString('base64') }, requestSize: zipped.length })
  t.match(nowhere, { status: 404, requestBody: batch('/a') })
  t.match(long, {
    requestBody: { beginning: 'x'.repeat(16_384), bytes: 40_000, sha256: hash('sha256', 'x'.repeat(40_000)) },
    requestSize: 40_000,
  })
  t.match(binary, { status: 400, requestBody: { bytes: 40_000 }, requestSize: 40_000 })
  const { log } = jsonOf(await emulator.steer('GET', '/requests.har'))
  t.match(log.entries[1].request.postData, { encoding: 'base64' })
  t.match(log.entries[3].request, { bodySize: 40_000, postData: { comment: /^the beginning of 40000 bytes/ } })
})

t.test('sizes and digests are those of what went over the wire, also where secrets are taken out of it', async (t) => {
  const emulator = await driven(t)
  const { lockId } = jsonOf(await emulator.send({ path: '/lock', body: { moduleCode: '102' } })).data
  const headers = { 'x-backup-lock-id': lockId }
  const { recordId } = jsonOf(
    await emulator.send({ path: '/record', headers, body: { moduleCode: '102', deviceId: exampleDevice } }),
  ).data
  const partSize = 5_242_880
  const announce = (fileName: string, parts: number) =>
    emulator.send({
      path: `/record/${recordId}/file`,
      headers,
      body: {
        fileName,
        length: parts * partSize,
        multiParts: Array.from({ length: parts }, (_, index) => ({ partNumber: index + 1, partSize })),
      },
    })
  const few = await announce('few', 2)
  const many = await announce('many', 60)
  const echo = JSON.stringify({ fileId: '1', multiParts: jsonOf(many).multiParts })
  await emulator.send({ path: '!/koodrive/ose/v1/files/multipart/uploadUrl', body: echo })
  const [short, long, echoed] = (await emulator.journal(5)).slice(2)
  t.notMatch(short?.responseBody, { bytes: Number })
  t.match(long?.responseBody, { bytes: Buffer.byteLength(many.text), sha256: hash('sha256', many.text) })
  t.match(echoed?.requestBody, { bytes: echoed?.requestSize, sha256: hash('sha256', echo) })
  const { log } = jsonOf(await emulator.steer('GET', '/requests.har'))
  for (const [entry, { text }] of [
    [log.entries[2], few],
    [log.entries[3], many],
  ]) {
    const bytes = Buffer.byteLength(text)
    t.match(entry.response, { bodySize: bytes, content: { size: bytes } })
  }
})

t.test('a body that is announced and never comes does not keep its exchange from the journal', async (t) => {
  const emulator = await driven(t)
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  await wire.send(`POST ${base}/nothing HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf`)
  t.equal((await wire.answer()).status, 404)
  t.match(await emulator.journal(1), [{ status: 404, requestBody: 'half', requestSize: 4 }])
  wire.reset()
})

t.test(
  'a body that is not read to its end is as long as it came, and of what nobody counted that is said',
  async (t) => {
    const emulator = await driven(t)
    const head = (line: string, ...lines: string[]) =>
      [`${line} HTTP/1.1`, 'host: a', ...Object.entries(emulator.headers()).map((pair) => pair.join(': ')), ...lines]
        .concat('', '')
        .join('\r\n')
    const post = `POST ${base}/device`
    const put = 'PUT /_upload/none/1'
    const begun = '{"machineCode":"PHONE1'
    const most = 12 * 1024 * 1024
    const sent = async (bytes: string, ends: 'answered' | 'ended') => {
      const wire = await openWire(t, Number(new URL(emulator.url).port))
      const { lastId } = emulator.world.journal
      await wire.send(bytes)
      if (ends === 'ended') wire.end()
      else await wire.answer().catch(() => undefined)
      return (await emulator.journal(lastId + 1)).at(-1)
    }
    const { id: throttling } = await emulator.fault({ operations: ['uploadPart'], effect: { type: 'throttle' } })
    const part = await sent(`${head(put, 'content-length: 9')}nine byte`, 'answered')
    t.match(part, { status: 429, requestSize: 9, requestBody: null })
    const { checks } = jsonOf(await emulator.steer('GET', `/requests/${part?.id}`))
    t.same(checks, [
      { check: 'route', passed: true },
      { check: 'part', passed: null },
    ])
    await emulator.steer('DELETE', `/faults/${throttling}`)
    await emulator.fault({ operations: ['uploadPart'], effect: { type: 'reset' } })
    const unread = await sent(`${head(put, 'content-length: 9')}nine`, 'answered')
    t.match(unread, { status: null, requestSize: -1 }, 'nobody read it')

    const announced = await sent(head(post, `content-length: ${most + 1}`) + 'x'.repeat(most + 1), 'answered')
    t.match(announced, {
      status: 413,
      requestSize: most + 1,
      requestBody: { bytes: most + 1, beginning: /^x{16384}$/ },
    })
    const chunks = `${(most + 9).toString(16)}\r\n${'x'.repeat(most + 9)}\r\n0\r\n\r\n`
    const chunked = await sent(head(post, 'transfer-encoding: chunked') + chunks, 'answered')
    const sha256 = hash('sha256', 'x'.repeat(most + 9))
    t.match(chunked, { status: 413, requestSize: most + 9, requestBody: { sha256 } }, 'what was read, and the rest')
    const short = await sent(head(post, 'content-length: 100') + begun, 'ended')
    t.match(short, { status: 400, requestSize: begun.length, requestBody: begun })
    const broken = await sent(`${head(post, 'transfer-encoding: chunked')}16\r\n${begun}\r\nZZ\r\n`, 'answered')
    t.match(broken, { status: 400, requestSize: begun.length, requestBody: begun })
    const empty = await sent(`${head(post, 'transfer-encoding: chunked')}0\r\n\r\n`, 'answered')
    t.match(empty, { requestSize: 0, requestBody: null })
    const { log } = jsonOf(await emulator.steer('GET', '/requests.har'))
    const sizes = log.entries.map(({ request }: { request: { bodySize: number } }) => request.bodySize)
    t.same(sizes, [9, -1, most + 1, most + 9, begun.length, begun.length, 0])
  },
)

t.test('the rest of a body is waited for while more of it comes, and not for ever', async (t) => {
  const due: (() => void)[] = []
  const timers = { after: (_: number, work: () => void) => due.push(work) && (() => undefined) }
  const { ArrivingBody } = await t.mockImport<typeof import('../src/http/arriving-body.ts')>(
    '../src/http/arriving-body.ts',
    { '../src/process/real-time.ts': timers },
  )
  for (const [pieces, turns] of [
    [0, 1],
    [3, 4],
    [100, 8],
  ] as const) {
    const request = new PassThrough()
    const body = new ArrivingBody(request as never) // of a request, it is its stream that is read
    let isOver = false
    body.whenOver(() => {
      isOver = true
    })
    let waited = 0
    for (; !isOver; waited += 1) {
      if (waited < pieces) request.emit('data', Buffer.from('x'))
      due.shift()?.()
    }
    t.equal(waited, turns, `${pieces} pieces`)
  }
})

t.test('what waits for an answer before it on a connection that broke was never answered', async (t) => {
  const emulator = await driven(t)
  await emulator.fault({ operations: ['bindDevice'], when: { first: 1 }, effect: { type: 'loseAnswer' } })
  const lines = Object.entries(emulator.headers()).map(([name, value]) => `${name}: ${value}\r\n`)
  const bind = (body: string) =>
    `POST ${base}/device HTTP/1.1\r\nhost: a\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  await wire.send(bind('{"machineCode":"A"}') + bind('{"machineCode":"B"}'))
  await t.rejects(wire.rest())
  t.match(await emulator.journal(2), [
    { status: null, delivered: false },
    { status: null, code: 0, delivered: false, responseHeaders: {} },
  ])
  const { log } = jsonOf(await emulator.steer('GET', '/requests.har'))
  t.match(log.entries[1].response, { status: 0, headers: { length: 0 }, bodySize: -1 })
  const statuses = emulator.logLines
    .map((line) => JSON.parse(line))
    .filter(({ operation }) => operation === 'bindDevice')
  t.match(statuses, [{ status: null }, { status: null }])
})

t.test('an answer that did not arrive whole is told apart', async (t) => {
  const emulator = await driven(t)
  const { id } = await emulator.fault({ operations: ['listBoundDevice'], effect: { type: 'truncate', bytes: 10 } })
  await emulator.send({ method: 'GET', path: '/device' })
  await emulator.steer('DELETE', `/faults/${id}`)
  await emulator.send({ method: 'GET', path: '/device' })
  const [cut, whole] = await emulator.journal(2)
  t.match(cut, { status: 200, delivered: false, fault: id })
  t.match(whole, {
    status: 200,
    delivered: true,
    responseHeaders: { 'content-type': 'application/json; charset=utf-8' },
  })
  const { log } = jsonOf(await emulator.steer('GET', '/requests.har'))
  t.match(log.entries[0], { response: { bodySize: -1 }, comment: /not delivered whole$/ })
  t.equal(log.entries[1].response.bodySize, log.entries[1].response.content.size)
})

t.test('a world may be called as parts of the API are', async (t) => {
  const emulator = await driven(t)
  for (const world of ['record', 'device', 'lock', '_upload']) {
    const post = async (path: string, body: object, lockId?: string) =>
      jsonOf(await emulator.send({ world, path, body, headers: { 'x-backup-lock-id': lockId } })).data
    const { deviceId } = await post('/device', { machineCode: 'A' })
    const { lockId } = await post('/lock', { moduleCode: '100' })
    const { recordId } = await post('/record', { moduleCode: '100', deviceId }, lockId)
    const held = { world, headers: { 'x-backup-lock-id': lockId } }
    await emulator.send({ ...held, method: 'PATCH', path: `/record/${recordId}`, body: {} })
    await emulator.send({ ...held, method: 'DELETE', path: '/lock' })
    await emulator.journal(5, '', world)
    t.same(await emulator.findings(world), [], world)
    const counted = await emulator.steer('GET', `/requests/count?deviceId=${deviceId}`, undefined, world)
    t.same(jsonOf(counted), { count: 1 }, world)
  }
})

t.test('whatever a target holds, the journal, the review and the archive can be read', async (t) => {
  const emulator = await driven(t)
  const { port } = new URL(emulator.url)
  const lines = Object.entries(emulator.headers()).map(([name, value]) => `${name}: ${value}\r\n`)
  const targets = [
    `http://[${base}/record?moduleCode=100&pageSize=1`,
    `http://a:b@c:99999${base}/record?moduleCode=100&pageSize=1`,
    `//${base}/device`,
    `${base}/device?%zz=%`,
    `${base}/%zz/device`,
    '*',
    '/?#?',
  ]
  for (const target of targets) {
    const wire = await openWire(t, Number(port))
    await wire.send(`${target === '*' ? 'OPTIONS' : 'GET'} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
    await wire.answer()
    wire.end()
  }
  const entries = await emulator.journal(targets.length)
  t.same(
    entries.map(({ path }) => path.replace(/a:sha256:\w{12}@/, 'a:b@')), // a password is hidden
    targets,
  )
  for (const path of ['/review', '/requests.har', '/requests?deviceId=a&body.a=b']) {
    t.equal((await emulator.steer('GET', path)).status, 200, path)
  }
})

t.test(
  'all journals together have a budget: the one that was written to longest ago gives up its oldest first',
  async (t) => {
    const emulator = await driven(t, { journal: '40K' })
    for (const world of ['one', 'two', 'three']) {
      for (let index = 0; index < 15; index += 1)
        await emulator.send({ method: 'GET', path: `/device?${index}`, world })
    }
    await emulator.journal(1, '', 'three')
    const kept = async (world: string) => {
      const { requests, dropped } = jsonOf(await emulator.steer('GET', '/requests', undefined, world))
      t.equal(requests.length + dropped, 15, world)
      return requests.length
    }
    const counts = [await kept('one'), await kept('two'), await kept('three')]
    t.equal(counts[0], 0)
    t.ok(Number(counts[2]) === 15 && Number(counts[1]) < 15, counts.join())
    await emulator.steer('DELETE', '', undefined, 'three')
    for (let index = 0; index < 15; index += 1) await emulator.send({ method: 'GET', path: '/device', world: 'two' })
    t.ok((await emulator.journal(1, '', 'two')).length >= 15, 'what a dropped world had is free again')
  },
)

t.test('what Node cannot read is in the journal of the default world, with what to do', async (t) => {
  const emulator = await driven(t)
  const { port } = new URL(emulator.url)
  for (const [bytes, reason] of [
    [`GET ${base}/device/B\u00fcro HTTP/1.1\r\n\r\n`, /must be percent-encoded/],
    [`GET ${base}/a b HTTP/1.1\r\n\r\n`, /percent-encode it as %20/],
    [`GET device HTTP/1.1\r\n\r\n`, /must begin with a \//],
    [`GET ${base.slice(1)}/device HTTP/1.1\r\n\r\n`, /must begin with a \//],
    [`GET ht/./tps://a:b@c:1/x HTTP/1.1\r\n\r\n`, /must begin with a \//],
    [`GET http://a b:1/x HTTP/1.1\r\n\r\n`, /percent-encode it as %20/],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /looks like HTTP\/2/],
    [Buffer.from('16030100c8010000c40303', 'hex'), /looks like TLS/],
    [`GET ${base}/device HTTP/1.1\r\nnonsense\r\n\r\n`, /has no colon/],
    [`get ${base}/device HTTP/1.1\r\n\r\n`, /methods are in capitals/],
    ['garbage\r\n\r\n', /^this is not HTTP\/1.1/],
  ] as const) {
    const wire = await openWire(t, Number(port))
    await wire.send(bytes)
    t.match((await wire.answer()).headers['x-emulator-reason'], reason)
    wire.end()
    t.match((await emulator.journal(1, '?limit=1'))[0], {
      operation: null,
      path: '',
      status: 400,
      reason,
      code: 13000101,
    })
  }
})

t.test('a body that is there already is over at once', async (t) => {
  const request = Readable.from([Buffer.from('ab')]) as unknown as http.IncomingMessage // as much of one as is used
  const body = new ArrivingBody(request)
  await once(request, 'end')
  let isOver = false
  body.whenOver(() => {
    isOver = true
  })
  t.ok(isOver)
  t.same([body.size, body.beginning.toString(), body.sha256], [2, 'ab', hash('sha256', 'ab')])
})

t.test('where the budget is smaller than any entry, the newest stays', async (t) => {
  const emulator = await driven(t, { journal: '0' })
  for (let index = 0; index < 3; index += 1) await emulator.send({ method: 'GET', path: `/device?${index}` })
  const { requests, dropped } = jsonOf(await emulator.steer('GET', '/requests'))
  t.same([requests.length, dropped], [1, 2])
})
