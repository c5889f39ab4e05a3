import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import { provenanceOf, trustIn } from '../src/http/proxies.ts'
import { startEmulator } from '../src/index.ts'
import { buckets, Meter } from '../src/metrics/meter.ts'
import { openFiles } from '../src/process/vitals.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, controlOver, fill } from './fixtures/control.ts'
import { emulatorFor } from './fixtures/emulator.ts'
import { listening } from './fixtures/exchange.ts'
import { send } from './fixtures/wire.ts'

/** The samples of metrics by name and labels. */
async function samplesOf({ server }: Pick<Control, 'server'>): Promise<Map<string, number>> {
  const { body } = await server.inject('/_emulator/metrics')
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

/** Whether a port still takes connections. */
const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.destroy())
    socket.once('error', () => resolve(false)).once('close', (failed) => resolve(!failed))
  })

t.test('readiness is not health: while it drains, an emulator serves and is not ready', async (t) => {
  const emulator = await listening(t, { logLevel: 'warn', drain: 'PT1S' })
  const control = controlOver(emulator)
  const base = `http://127.0.0.1:${emulator.port}`
  t.match(await control.ask('GET', '/ready'), { status: 200, body: { status: 'ready' } })
  const before = await send(`${base}/_emulator/health`, { headers: { connection: 'keep-alive' } })
  t.equal(before.headers.connection, 'keep-alive')
  const ended = emulator.close()
  await turnOfTheLoop()
  const ready = await send(`${base}/_emulator/ready`, { headers: { connection: 'keep-alive' } })
  t.match(ready, { status: 503, headers: { connection: 'close' } }, 'each client is asked to come again elsewhere')
  t.strictSame(ready.json(), { status: 'draining' })
  t.match(await send(`${base}/_emulator/health`), { status: 200 })
  t.match(await send(`${base}${basePath}/device`, { headers: emulator.headers() }), { status: 200 })
  t.equal((await samplesOf(emulator)).get('koodrive_emulator_ready'), 0)
  const late = await emulator.open(t)
  while (await isTaken(emulator.port));
  await late.send('GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  t.match(await late.answer(), { status: 200 }, 'who came in time and had sent nothing yet is answered')
  await ended
  await t.rejects(send(`${base}/_emulator/health`), 'then it is gone')
})

t.test('--grace is how long a request in flight may take at the end', async (t) => {
  const emulator = await listening(t, { logLevel: 'warn', grace: 'PT0S' })
  const control = controlOver(emulator)
  const { uploadUrl } = await fill(control, 't1')
  const wire = await emulator.open(t)
  await wire.send(`PUT ${uploadUrl} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nhalf`)
  while (!control.named('t1').isHeld) await turnOfTheLoop()
  const start = process.hrtime.bigint()
  await emulator.close()
  t.ok(process.hrtime.bigint() - start < 1_000_000_000n, 'nothing is waited for')
})

t.test('ready and metrics answer always: without a control plane, whatever the host, without a token', async (t) => {
  for (const settings of [{ control: 'off' }, { controlToken: 'a-token' }]) {
    const { server } = await emulatorFor(t, settings)
    for (const path of ['health', 'ready', 'metrics'])
      t.equal(
        (await server.inject({ url: `/_emulator/${path}`, headers: { host: 'a.example' } })).statusCode,
        200,
        path,
      )
  }
})

t.test('metrics count what the journal holds, and name no world, user, device or path', async (t) => {
  const emulator = await controlFor(t, { logLevel: 'silent' })
  await fill(emulator, 'canary-world')
  await emulator.turn('POST', '/worlds/canary-world/faults', { operations: '*', effect: { type: 'latency', ms: 0 } })
  await emulator.turn('POST', '/worlds/canary-world/faults', { operations: '*', effect: { type: 'throttle' } })
  await emulator.of('canary-world', 'GET', '/device')
  await emulator.of('canary-world', 'GET', '/nowhere/canary-path')
  await emulator.turn('POST', '/worlds/canary-world/snapshots/a')
  const samples = await samplesOf(emulator)
  const counted = new Map<string, number>()
  for (const { operation, status, code } of emulator.named('canary-world').journal.entries) {
    const labels = `operation="${operation ?? 'other'}",status="${status ?? 'none'}",code="${code ?? 'none'}"`
    counted.set(labels, (counted.get(labels) ?? 0) + 1)
  }
  const requests = [...samples].filter(
    ([name]) => /^koodrive_emulator_requests_total\{/.test(name) && !/"control"/.test(name),
  )
  t.strictSame(new Map(requests.map(([name, value]) => [name.slice(name.indexOf('{') + 1, -1), value])), counted)
  for (const [name, value] of [
    ['koodrive_emulator_worlds', 2],
    ['koodrive_emulator_worlds_limit', 1000],
    ['koodrive_emulator_worlds_parked', 0],
    ['koodrive_emulator_snapshots', 1],
    ['koodrive_emulator_streams', 0],
    ['koodrive_emulator_ready', 1],
    ['koodrive_emulator_worlds_begun_total{how="used"}', 1],
    ['koodrive_emulator_worlds_ended_total{why="deleted"}', 0],
    ['koodrive_emulator_faults_fired_total{effect="latency"}', 1],
    ['koodrive_emulator_faults_fired_total{effect="throttle"}', 1],
    ['koodrive_emulator_request_duration_seconds_bucket{operation="bindDevice",le="+Inf"}', 2],
    ['koodrive_emulator_request_duration_seconds_count{operation="bindDevice"}', 2],
  ] as const) {
    t.equal(samples.get(name), value, name)
  }
  for (const name of ['koodrive_emulator_database_bytes', 'koodrive_emulator_journal_bytes', 'nodejs_heap_used_bytes'])
    t.ok(Number(samples.get(name)) > 1000, name)
  const { body, headers } = await emulator.server.inject('/_emulator/metrics')
  t.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.notMatch(body, /canary|150508421|18428122/)
  t.match(
    body,
    /^# HELP koodrive_emulator_info .*\n# TYPE koodrive_emulator_info gauge\nkoodrive_emulator_info\{version="/,
  )
  const began = () => samplesOf(emulator).then((all) => all.get('process_start_time_seconds'))
  const first = await began()
  emulator.time.now += 3_600_000
  t.equal(await began(), first, 'another time would be taken for another start')
  const names = body.split('\n').flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
  t.equal(new Set(names).size, names.length)
  await emulator.turn('DELETE', '/worlds/canary-world')
  t.equal((await samplesOf(emulator)).get('koodrive_emulator_worlds_ended_total{why="deleted"}'), 1)
})

t.test('metrics count every fault that fired, however many did in one request', async (t) => {
  const emulator = await controlFor(t, { logLevel: 'silent' })
  const faults = '/worlds/t1/faults'
  const elsewhere = { method: 'POST', path: '/device', body: { machineCode: 'THEIRS' } }
  for (const effect of [
    { type: 'latency', ms: 0 },
    { type: 'meanwhile', advance: 'PT1S' },
    { type: 'meanwhile', requests: [elsewhere] },
    { type: 'throttle' },
  ])
    await emulator.turn('POST', faults, { operations: ['listBoundDevice'], effect })
  await emulator.of('t1', 'GET', '/device')
  t.strictSame(
    emulator
      .named('t1')
      .faults.list()
      .map(({ hits }) => hits),
    [1, 1, 1, 1],
  )
  const samples = await samplesOf(emulator)
  for (const [effect, count] of Object.entries({ latency: 1, meanwhile: 2, throttle: 1 }))
    t.equal(samples.get(`koodrive_emulator_faults_fired_total{effect="${effect}"}`), count, effect)
})

t.test(
  'what is no request and what is cut are counted, too; an answer falls into the first bound that holds it',
  async (t) => {
    const emulator = await listening(t, { logLevel: 'silent' })
    const wire = await emulator.open(t)
    await wire.send('nonsense\r\n\r\n')
    await wire.answer()
    await controlOver(emulator).turn('POST', '/worlds/default/faults', { operations: '*', effect: { type: 'reset' } })
    await t.rejects(send(`http://127.0.0.1:${emulator.port}${basePath}/device`, { headers: emulator.headers() }))
    const samples = await samplesOf(emulator)
    const total = 'koodrive_emulator_requests_total'
    t.equal(samples.get(`${total}{operation="other",status="400",code="13000101"}`), 1)
    t.equal(samples.get(`${total}{operation="listBoundDevice",status="none",code="none"}`), 1)
    const meter = new Meter()
    for (const seconds of [0.001, 0.0011, 5, 6]) {
      meter.count({ operation: 'x', status: 200, code: 0, durationMs: seconds * 1000, effects: [] })
    }
    const { counts = [], seconds } = meter.durations.get('x') ?? {}
    t.strictSame([counts[0], counts[1], counts[buckets.length - 1], counts[buckets.length]], [1, 1, 1, 1])
    t.equal(seconds, 11.0021)
    t.ok(Number.isNaN(openFiles('/nowhere')))
  },
)

t.test(
  'a control token: as Bearer, or as the password of Basic; everything else is refused and asked for one',
  async (t) => {
    const folder = t.testdir({ tokens: 'first\n\n  second  \n' })
    const controlTokenFile = join(folder, 'tokens')
    const emulator = await emulatorFor(t, { controlToken: 'of-the-environment', controlTokenFile, logLevel: 'trace' })
    const ask = (authorization: string | undefined, url = '/_emulator/worlds') =>
      emulator.server.inject({ url, headers: authorization === undefined ? {} : { authorization } })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    for (const good of [
      'Bearer first',
      'bearer second',
      'Bearer of-the-environment',
      basic('anybody:first'),
      basic(':second'),
    ]) {
      t.equal((await ask(good)).statusCode, 200, good)
    }
    for (const [bad, detail] of [
      [undefined, /^the control plane needs a token; send it as Authorization: Bearer, or as the password of Basic$/],
      ['first', /needs a token/],
      ['Bearer ', /needs a token/],
      ['Basic Zmlyc3Q=', /needs a token/],
      ['Digest first', /needs a token/],
      ['Bearer third', /does not know this token/],
      ['Bearer firs', /does not know this token/],
      ['Bearer first second', /needs a token/],
      [basic('first:canary-password'), /does not know this token/],
    ] as const) {
      const answer = await ask(bad)
      t.match(answer, {
        statusCode: 401,
        headers: {
          // Chromium knows neither where both are in one line.
          'www-authenticate': ['Basic realm="koodrive-emulator"', 'Bearer'],
          'content-type': /problem\+json/,
        },
      })
      t.match(answer.json(), { status: 401, detail }, `${bad}`)
    }
    for (const [method, url] of [
      ['PUT', '/_emulator/worlds/t1'],
      ['GET', '/worlds/t1/_emulator/worlds'],
      ['GET', '/%5Femulator/worlds'],
      ['PUT', '/_emulator/worlds/t1/archive'],
      ['GET', '/_emulator/worlds/default/requests/stream'],
      ['POST', '/_emulator/worlds/default/reset'],
    ] as const) {
      t.equal((await emulator.server.inject({ method, url })).statusCode, 401, `${method} ${url}`)
    }
    for (const open of ['health', 'openapi.json', 'control.json', 'docs', 'docs/docs.css'])
      t.equal((await ask(undefined, `/_emulator/${open}`)).statusCode, 200, open)
    t.equal((await emulator.call({ method: 'GET', path: '/device' })).statusCode, 200, 'the emulated API is open')
    const whole = await ask('Bearer first', '/_emulator/worlds/default/archive?secrets=include')
    t.ok(whole.statusCode === 200 && whole.rawPayload.includes('emulator-app-secret'), 'who shows one may have secrets')

    writeFileSync(controlTokenFile, 'third')
    t.equal((await ask('Bearer third')).statusCode, 200, 'a file is read again when it changed')
    t.equal((await ask('Bearer first')).statusCode, 401)
    const loop = () => {
      rmSync(controlTokenFile)
      symlinkSync('tokens', controlTokenFile)
    }
    const warned = () => emulator.logLines.filter((line) => line.includes('"level":40'))
    for (const [spoil, why] of [
      [() => writeFileSync(controlTokenFile, ''), 'holds no token; write one a line'],
      [() => rmSync(controlTokenFile), 'cannot be read: ENOENT'],
      [() => writeFileSync(controlTokenFile, 'third fourth'), 'has a token with spaces'],
      [loop, 'cannot be read: ELOOP'],
    ] as const) {
      const before = warned().length
      spoil()
      for (let call = 0; call < 3; call += 1)
        t.equal((await ask('Bearer third')).statusCode, 200, 'while there is none, those that there were stay')
      const told = warned().slice(before)
      t.equal(told.length, 1, 'which is told once')
      t.match(told[0], why)
      t.match(told[0], 'the tokens that it held before are taken until it holds others')
    }
    rmSync(controlTokenFile)
    writeFileSync(controlTokenFile, 'fourth\n')
    t.equal((await ask('Bearer fourth')).statusCode, 200)
    t.equal((await ask('Bearer third')).statusCode, 401)
    t.equal(warned().length, 4)
    t.notMatch(emulator.logLines.join(), /first|second|third|canary|of-the-environment/)
  },
)

t.test('tokens that cannot be used prevent the start', async (t) => {
  const folder = t.testdir({ empty: '\n \n', spaced: 'a b', sound: 'a' })
  mkdirSync(join(folder, 'folder'))
  for (const [file, message] of [
    ['none', /^the token file .*none cannot be read: ENOENT/],
    ['folder', /cannot be read: EISDIR/],
    ['x'.repeat(300), /cannot be read: ENAMETOOLONG/],
    ['empty', /empty holds no token; write one a line$/],
    ['spaced', /has a token with spaces or signs beyond ASCII; write one a line, without$/],
  ] as const) {
    await t.rejects(emulatorFor(t, { controlTokenFile: join(folder, file) }), { name: 'StartupError', message })
  }
  const { server } = await emulatorFor(t, { controlTokenFile: join(folder, 'sound') })
  t.equal((await server.inject('/_emulator/worlds')).statusCode, 401)
})

t.test('--trust-proxy: from there, addresses are what the proxy says that they are', async (t) => {
  const emulator = await emulatorFor(t, { trustProxy: '127.0.0.1,10.0.0.0/8,fd00::/8', logLevel: 'info' })
  const forwarded = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'koodrive.ci.local',
    'x-forwarded-for': '203.0.113.7, 10.1.2.3',
    'x-request-id': 'abc-1.2:3_4',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  }
  const put = async (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
    (await emulator.server.inject({ method: 'PUT', url: '/_emulator/worlds/t1', headers, remoteAddress })).json()
  t.equal((await put(forwarded)).url, 'https://koodrive.ci.local/worlds/t1')
  t.equal((await put(forwarded, '::ffff:10.9.9.9')).url, 'https://koodrive.ci.local/worlds/t1')
  t.equal((await put(forwarded, '192.0.2.1')).url, 'http://localhost:80/worlds/t1', 'nobody else is believed')
  for (const [proto, scheme] of [
    ['HTTPS', 'https'],
    ['javascript', 'http'],
    ['', 'http'],
  ] as const) {
    const { url } = await put({ ...forwarded, 'x-forwarded-proto': proto })
    t.equal(url, `${scheme}://koodrive.ci.local/worlds/t1`, `what says ${proto}`)
  }
  const tls = { tlsCert: 'test/fixtures/tls/cert.pem', tlsKey: 'test/fixtures/tls/key.pem' }
  const { port } = await listening(t, { ...tls, trustProxy: '127.0.0.1', logLevel: 'silent' })
  const url = `https://127.0.0.1:${port}`
  const said = await send(`${url}/_emulator/worlds/t1`, { method: 'PUT', headers: { 'x-forwarded-proto': 'ws' } })
  t.equal(Object(said.json()).url, `${url}/worlds/t1`, 'what says nothing of use is the connection’s own')
  t.match(
    await put({ ...forwarded, 'x-forwarded-host': 'rebound.example' }),
    { status: 403 },
    'the guard judges that name',
  )
  const origin = { origin: 'https://koodrive.ci.local' }
  t.match(await put({ ...forwarded, ...origin }), { name: 't1' }, 'a page that came through the proxy may ask')
  const inject = (headers: object, remoteAddress: string) =>
    emulator.server.inject({ url: `${basePath}/device`, headers: { ...emulator.headers(), ...headers }, remoteAddress })
  for (const [headers, from, fields] of [
    [
      forwarded,
      '127.0.0.1',
      { client: '203.0.113.7', requestId: 'abc-1.2:3_4', trace: '0af7651916cd43dd8448eb211c80319c' },
    ],
    [forwarded, '192.0.2.1', { client: '192.0.2.1', trace: '0af7651916cd43dd8448eb211c80319c' }],
    [{}, 'fd00::5', { client: 'fd00::5' }],
    [{ 'x-forwarded-for': 'canary', 'x-request-id': 'can ary', traceparent: '00-canary-1-01' }, '10.0.0.1', {}],
    [{ 'x-request-id': 'c'.repeat(65) }, '10.0.0.1', { client: '10.0.0.1' }],
  ] as const) {
    await inject(headers, from)
    const { client, requestId, trace } = JSON.parse(emulator.logLines.at(-1) ?? '')
    t.strictSame(JSON.parse(JSON.stringify({ client, requestId, trace })), fields)
  }
  t.notMatch(emulator.logLines.join(), /canary/)
})

t.test('without a trusted proxy nothing is believed, and a line says no more than before, save a trace', async (t) => {
  const emulator = await emulatorFor(t)
  const headers = { ...emulator.headers(), 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'x' }
  await emulator.server.inject({ url: `${basePath}/device`, headers })
  t.notMatch(emulator.logLines.at(-1), /client|requestId|trace/)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await emulator.server.inject({ url: `${basePath}/device`, headers: { ...headers, traceparent } })
  t.match(JSON.parse(emulator.logLines.at(-1) ?? ''), { trace: '0af7651916cd43dd8448eb211c80319c' })
  t.equal(trustIn([]), undefined)
  t.equal(trustIn(['10.0.0.1'])?.(undefined), false)
  const nobody = { ip: '', headers: {}, raw: { socket: {} } }
  t.strictSame(provenanceOf(nobody, trustIn(['10.0.0.1'])), {}, 'a socket that is gone has no address')
})

t.test('a group of worlds is listed, counted and dropped at once', async (t) => {
  const park = t.testdir()
  const first = await controlFor(t, { park })
  first.worlds.use('ci-1.parked')
  await first.close()
  const emulator = await controlFor(t, { park, worldsPerGroup: '3' })
  const namesOf = async (query = '') =>
    Object(await emulator.turn('GET', `/worlds${query}`))['worlds'].map(({ name }: { name: string }) => name)
  for (const name of ['ci-1.t1', 'ci-1', 'ci-2.t1', 'ci-11.t1', 'default.x'])
    await emulator.turn('PUT', `/worlds/${name}`)
  t.strictSame(await namesOf('?group=ci-1'), ['ci-1.t1', 'ci-1'])
  t.equal((await samplesOf(emulator)).get('koodrive_emulator_worlds_parked'), 1)
  t.strictSame(await namesOf('?group=default'), ['default', 'default.x'])
  t.strictSame(await namesOf('?group=none'), [])
  const full = /^the group ci-1 has 3 worlds already; delete some, or start with a larger --worlds-per-group$/
  await emulator.isProblem(t, ['PUT', '/worlds/ci-1.t3'], 503, full)
  t.match(await emulator.of('ci-1.t3', 'GET', '/device'), {
    status: 503,
    body: { code: 13990503 },
    headers: { 'x-emulator-reason': full },
  })
  t.equal(await emulator.code('ci-1.parked', 'GET', '/device'), 0, 'one that is there goes on')
  t.equal((await emulator.ask('DELETE', '/worlds?group=ci-1')).status, 204)
  t.strictSame(await namesOf(), ['default', 'ci-2.t1', 'ci-11.t1', 'default.x'])
  t.equal((await emulator.ask('DELETE', '/worlds?group=default')).status, 204)
  t.strictSame(await namesOf('?group=default'), ['default'], 'the default world stays')
  t.equal((await emulator.ask('DELETE', '/worlds?group=none')).status, 204)
  const without = await controlFor(t)
  for (const name of ['ci-1.t1', 'ci-2.t1']) await without.turn('PUT', `/worlds/${name}`)
  t.equal((await without.ask('DELETE', '/worlds?group=ci-1')).status, 204)
  t.strictSame(
    without.worlds.list().map(({ name }) => name),
    ['default', 'ci-2.t1'],
  )
  await emulator.isProblem(t, ['GET', '/worlds?grp=x'], 400, /^query\/grp is not a known property|./)
})

t.test('the proxy in Kubernetes routes and logs as the other does', (t) => {
  const form =
    /^(http-request set-var|http-response|acl|use-server %|log-format|balance|hash-type|retry-on|errorfile|no option)/
  const linesOf = (file: string) =>
    readFileSync(join('docs', 'fleet', file), 'utf8')
      .split('\n')
      .map((line) => line.replace(/ +#.*$/, '').trim())
      .filter((line) => form.test(line))
  const lines = linesOf('haproxy.cfg')
  t.ok(lines.length > 15)
  t.strictSame(linesOf('kubernetes/haproxy.cfg'), lines)
  for (const line of lines.filter((one) => one.includes('url_param(') && one.includes('set-var')))
    t.match(line, /url_param\(\w+\),url_dec /, 'the emulator decodes the names in a query')
  t.end()
})

t.test('in process: a world is handed out, adopted and copied without HTTP', async (t) => {
  const emulator = await startEmulator({ newWorlds: 'declared', controlToken: 'x' })
  t.teardown(() => emulator.close())
  const base = emulator.world('base')
  base.issueToken({ userId: 'u', token: 'canary' })
  base.registerApp({ appId: 'an-app', appSecret: 'canary-secret' })
  t.notOk(base.archive().includes('canary-secret'))
  t.ok(base.archive({ secrets: 'include' }).includes('canary-secret'))
  const copy = emulator.world('copy', { from: 'base', auth: 'known' })
  t.strictSame(copy.state(), base.state())
  const other = emulator.world('other')
  other.adopt(copy.archive())
  t.strictSame(other.state(), base.state())
  t.match(other.view(), { settings: { auth: 'known' } })
  const problem = (status: number, message: RegExp) => ({ name: 'Problem', status, message })
  t.throws(() => other.adopt(Buffer.from('{')), problem(400, /^the archive ends within its first line$/))
  for (const wrong of [undefined, null, {}, 'x', [1]])
    t.throws(() => other.adopt(wrong as never), problem(400, /^the archive is no Uint8Array; expected the bytes/))
  t.throws(() => other.archive({ secrets: 'yes' as 'include' }), problem(400, /^query\/secrets is a string of 3/))
  t.throws(() => emulator.world('none', { from: 'nothing' }), problem(404, /^there is no world nothing here; PUT it/))
  const archive = other.archive()
  await emulator.close()
  t.throws(() => other.archive(), problem(503, /closed/))
  t.throws(() => other.adopt(archive), problem(503, /closed/))
})
