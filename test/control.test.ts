import { createHash } from 'node:crypto'
import { once } from 'node:events'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import type { ControlOperation } from '../schemas/control-operation.ts'
import { controlOperations } from '../schemas/control-operations.ts'
import type { Refusal } from '../src/errors.ts'
import { refuse } from '../src/errors.ts'
import { refusingCheck } from '../src/http/check.ts'
import type { Exchange } from '../src/http/exchange.ts'
import { Problem, startEmulator } from '../src/index.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, fill, signedBy, tablesOf } from './fixtures/control.ts'
import { exampleDevice, exampleUser, noon, xDate } from './fixtures/emulator.ts'
import { honestHeaders, send } from './fixtures/wire.ts'

/** Arrays within arrays. */
const nested = (levels: number): unknown => (levels === 0 ? 0 : [nested(levels - 1)])

const device = `${basePath}/device`

t.test('every mistake is a problem of RFC 9457 that names what was wrong', async (t) => {
  const emulator = await controlFor(t)
  await fill(emulator, 't1')
  const before = tablesOf(emulator.named('t1'))
  const count = emulator.worlds.list().length
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const world = '/worlds/t1'
  const token = { userId: 'u' }
  const question = { method: 'GET', path: '/', headers: {} }
  const badName = /^path\/name is .*; expected a string matching/
  for (const [method, path, body, status, detail, headers] of [
    ['GET', '/nowhere', undefined, 404, 'the emulator has no route GET /_emulator/nowhere'],
    ['POST', '', undefined, 404, 'the emulator has no route POST /_emulator'],
    ['POST', '/health', undefined, 404, 'the emulator has no route POST /_emulator/health'],
    ['PATCH', world, {}, 404, 'the emulator has no route PATCH /_emulator/worlds/t1'],
    ['PUT', '/worlds', {}, 404, 'the emulator has no route PUT /_emulator/worlds'],
    ['DELETE', '/worlds', undefined, 400, /^query\/group is missing/],
    ['DELETE', '/worlds?group=a%20b', undefined, 400, /^query\/group is a string of 3/],
    ['GET', `${world}/reset`, undefined, 404, 'the emulator has no route GET /_emulator/worlds/t1/reset'],
    ['GET', '/worlds/a%20b', undefined, 400, badName],
    ['PUT', '/worlds/a%2Fb', {}, 400, badName],
    ['PUT', `/worlds/${'x'.repeat(65)}`, {}, 400, badName],
    ['POST', '/worlds//reset', undefined, 400, badName],
    ['GET', '/worlds/%zz', undefined, 400, 'path has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]'],
    ['PUT', world, '{"auth":', 400, 'body is not acceptable JSON: syntax error, or it ends too early [DEC-12]'],
    ['PUT', world, '{"auth" "any"}', 400, /^body is not acceptable JSON: syntax error at position 8/],
    ['PUT', world, '{"__proto__":{}}', 400, 'body/__proto__ is not a known property'],
    ['PUT', world, Buffer.from([0x22, 0xff, 0x22]), 400, 'body is not valid UTF-8 [DEC-12]'],
    ['PUT', world, 'auth=any', 415, 'Content-Type is not JSON; send Content-Type: application/json [DEC-6]', form],
    ['PUT', world, '{}', 413, 'Request body is too large', { 'content-length': `${256 * 1024 * 1024 + 1}` }],
    ['PUT', world, '5', 400, 'body is a number; expected an object'],
    ['PUT', world, { auth: 'none' }, 400, 'body/auth is a string of 4; expected one of "any", "known"'],
    ['PUT', world, { devices: null }, 400, 'body/devices is null; expected one of "adopt", "strict"'],
    ['PUT', world, { errorStatus: 200 }, 400, 'body/errorStatus is a number; expected one of "http", "ok"'],
    ['PUT', world, { scopesPerModule: -1 }, 400, /^body\/scopesPerModule is a number; expected/],
    ['PUT', world, { scopesPerModule: 1.5 }, 400, /^body\/scopesPerModule is a number; expected/],
    ['PUT', world, { worker: 65_536 }, 400, 'body/worker is a number; expected an integer from 0 to 65535'],
    ['PUT', world, { random: 4_294_967_296 }, 400, 'body/random is a number; expected an integer from 0 to 4294967295'],
    ['PUT', world, { name: 't2' }, 400, 'body/name is not a known property'],
    ['POST', `${world}/tokens`, undefined, 400, 'body is null; expected an object'],
    ['POST', `${world}/tokens`, {}, 400, /^body\/userId is missing/],
    ['POST', `${world}/tokens`, { userId: 'a b' }, 400, /^body\/userId is a string of 3/],
    ['POST', `${world}/tokens`, { ...token, token: 'a b' }, 400, /^body\/token is a string of 3/],
    ['POST', `${world}/tokens`, { ...token, lifetime: 'P1Y' }, 400, /^body\/lifetime is no ISO 8601 duration/],
    ['POST', `${world}/tokens`, { ...token, lifetime: '-PT1S' }, 400, /^body\/lifetime is no ISO 8601 duration/],
    ['POST', `${world}/tokens`, { ...token, lifetime: 20 }, 400, /^body\/lifetime is a number/],
    [
      'POST',
      `${world}/tokens`,
      { ...token, lifetime: 'P52001W' },
      400,
      'body/lifetime is too long; expected at most P52000W',
    ],
    ['POST', `${world}/tokens`, { ...token, more: 1 }, 400, 'body/more is not a known property'],
    ['DELETE', `${world}/tokens`, undefined, 400, 'body is null; expected an object'],
    ['DELETE', `${world}/tokens`, { token: 'never-issued' }, 404, 'body/token was never issued in this world'],
    ['POST', `${world}/apps`, { appId: 'a' }, 400, /^body\/appSecret is missing/],
    ['POST', `${world}/apps`, { appId: 'a,b', appSecret: 's' }, 400, /^body\/appId is a string of 3/],
    ['POST', `${world}/apps`, { appId: 'a', appSecret: '' }, 400, /^body\/appSecret is empty/],
    ['POST', `${world}/explain`, {}, 400, /^body\/method is missing/],
    ['POST', `${world}/explain`, { ...question, method: 'G T' }, 400, /^body\/method is a string of 3/],
    ['POST', `${world}/explain`, { ...question, path: '/a\r\nb' }, 400, /^body\/path is a string of 5/],
    ['POST', `${world}/explain`, { ...question, headers: { a: 1 } }, 400, /^body\/headers\/a is a number/],
    ['POST', `${world}/explain`, { ...question, now: 'now' }, 400, /^body\/now is a string of 3/],
    [
      'POST',
      `${world}/explain`,
      { ...question, now: '2025-02-30T00:00:00Z' },
      400,
      /^body\/now is no instant of the calendar/,
    ],
    ['POST', `${world}/explain`, { ...question, now: '2018-12-31T15:59:59.999Z' }, 400, /^the state clock runs from/],
    ['POST', `${world}/explain`, { ...question, now: '2053-01-01T00:00:00.001Z' }, 400, /^the state clock runs from/],
    ['POST', `${world}/explain`, { ...question, more: 1 }, 400, 'body/more is not a known property'],
    [
      'POST',
      `${world}/faults`,
      { operations: '*', body: { '/a': nested(99) }, effect: { type: 'reset' } },
      400,
      /^body is nested deeper than 100/,
    ],
    [
      'POST',
      `${world}/explain`,
      { ...question, body: nested(101) },
      400,
      'body/body is nested deeper than 100 levels; expected at most 100',
    ],
  ] as const) {
    await emulator.isProblem(t, [method, path, body, headers], status, detail)
  }
  t.strictSame(tablesOf(emulator.named('t1')), before, 'and nothing has changed')
  t.equal(emulator.worlds.list().length, count)
  t.equal(emulator.logLines.length, 0, 'no failure of our own')
})

t.test('HEAD answers as GET does, without the body', async (t) => {
  const emulator = await controlFor(t)
  await fill(emulator, 't1')
  await emulator.turn('POST', '/worlds/t1/faults', { operations: '*', effect: { type: 'latency', ms: 0 } })
  const readable = Object.values<ControlOperation>(controlOperations).filter(
    ({ method, responses }) => method === 'GET' && responses[200]?.mediaType === undefined,
  )
  t.ok(readable.length > 10)
  for (const { path } of readable) {
    for (const name of ['t1', 'unknown']) {
      const at = path.replace('{name}', name)
      const [get, head] = [await emulator.ask('GET', at), await emulator.ask('HEAD', at)]
      const { 'content-length': length, ...others } = head.headers
      t.match(get.headers, others, at)
      if (!/health|metrics|requests/.test(at)) t.equal(get.headers['content-length'], length, at)
      t.strictSame([head.status, head.body], [get.status, undefined])
    }
  }
  t.equal((await emulator.ask('HEAD', '/nowhere')).status, 404)
})

t.test('a failure of our own is a problem that tells nothing, and a line in the log', async (t) => {
  const emulator = await controlFor(t)
  const world = emulator.worlds.use('t1')
  Object.assign(world.store.dump, {
    userIds() {
      throw new Error('a secret')
    },
  })
  await emulator.isProblem(t, ['GET', '/worlds/t1/state'], 500, 'the emulator failed; its log has the cause')
  t.match(emulator.logLines.join('\n'), /the control plane failed/)
  emulator.worlds.remove('t1')
  const failing = emulator.worlds.use('t2')
  Object.assign(failing.store.locks, {
    expiryOf() {
      throw new Error('the disk is full')
    },
  })
  const question = {
    method: 'POST',
    path: `${basePath}/lock`,
    headers: emulator.headers(),
    body: { moduleCode: '102' },
  }
  await emulator.isProblem(t, ['POST', '/worlds/t2/explain', question], 500, /^the emulator failed/)
})

t.test('a web page elsewhere cannot drive it', async (t) => {
  const usual = await controlFor(t)
  const told = await controlFor(t, { allowHost: 'Emulator.example,*.CI.example' })
  const all = await controlFor(t, { allowHost: '*' })
  const ask = async ({ server }: Control, headers: Record<string, string>, url = '/_emulator/worlds') =>
    server.inject({ method: 'GET', url, headers: { ...usual.headers(), ...headers } })

  const hosts: Record<string, readonly [usual: boolean, told: boolean]> = {
    '127.0.0.1:4020': [true, true],
    '192.168.1.5': [true, true],
    '8.8.8.8:80': [true, true],
    '[::1]:4020': [true, true],
    '[2001:db8::1]': [true, true],
    '[::ffff:127.0.0.1]:80': [true, true],
    localhost: [true, true],
    'localhost:4020': [true, true],
    'LOCALHOST:4020': [true, true],
    'localhost.': [true, true],
    'emulator:4020': [true, true],
    'EMULATOR.': [true, true],
    'a.localhost:4020': [true, true],
    'a.b.LocalHost': [true, true],
    'printer.local': [true, true],
    'host.docker.internal:4020': [true, true],
    'host.docker.internal.': [true, true],
    'evil.example': [false, false],
    'evil.example:4020': [false, false],
    'EVIL.example.': [false, false],
    'localhost.evil.example': [false, false],
    'evil-localhost.example': [false, false],
    'notlocal.xlocal': [false, false],
    '127.0.0.1.evil.example': [false, false],
    '1.2.3': [false, false],
    'emulator.example': [false, true],
    'Emulator.Example.:4020': [false, true],
    'sub.emulator.example': [false, false],
    'emulatorXexample.org': [false, false],
    'a.ci.example': [false, true],
    'a.b.ci.example:80': [false, true],
    'ci.example': [false, false],
    'a.ci.example.evil.example': [false, false],
  }
  for (const [host, [byUsual, byTold]] of Object.entries(hosts)) {
    t.equal((await ask(usual, { host })).statusCode, byUsual ? 200 : 403, `Host: ${host}`)
    t.equal((await ask(told, { host })).statusCode, byTold ? 200 : 403, `Host: ${host}, allowed`)
    t.equal((await ask(all, { host })).statusCode, 200, `Host: ${host}, all allowed`)
    t.equal((await ask(usual, { host }, '/_emulator/health')).statusCode, 200, 'health is exempt')
    t.equal((await ask(usual, { host }, device)).statusCode, 200, 'the emulated API is not guarded')
  }

  const origins: Record<string, readonly [usual: boolean, told: boolean]> = {
    'http://localhost:3000': [true, true],
    'https://app.localhost': [true, true],
    'http://127.0.0.1:8080': [true, true],
    'http://127.1.2.3': [true, true],
    'http://[::1]:3000': [true, true],
    null: [false, false],
    '': [false, false],
    'no address': [false, false],
    'file://': [false, false],
    'https://evil.example': [false, false],
    'http://localhost.evil.example': [false, false],
    'http://192.168.1.5': [false, false],
    'http://emulator:4020': [false, false],
    'http://printer.local': [false, false],
    'http://host.docker.internal': [false, false],
    'https://emulator.example': [false, true],
    'https://a.ci.example:8443': [false, true],
  }
  for (const [origin, [byUsual, byTold]] of Object.entries(origins)) {
    t.equal((await ask(usual, { origin })).statusCode, byUsual ? 200 : 403, `Origin: ${origin}`)
    t.equal((await ask(told, { origin })).statusCode, byTold ? 200 : 403, `Origin: ${origin}, allowed`)
    t.equal((await ask(all, { origin })).statusCode, 200, `Origin: ${origin}, all allowed`)
    t.equal((await ask(usual, { origin }, '/_emulator/health')).statusCode, 200, 'health is exempt')
    t.equal((await ask(usual, { origin }, device)).statusCode, 200, 'the emulated API is not guarded')
  }
  await usual.isProblem(
    t,
    ['GET', '/worlds', undefined, { host: 'evil.example:80' }],
    403,
    'Host is a DNS name that is not allowed; start with --allow-host evil.example if it is yours',
  )
  await usual.isProblem(
    t,
    ['PUT', '/worlds/t1', '{', { origin: 'https://evil.example' }],
    403,
    'Origin is a web page elsewhere; start with --allow-host and its host name if it is yours',
  )
  t.equal(usual.worlds.find('t1'), undefined)
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const { openWire } = await import('./fixtures/socket.ts')
  const wire = await openWire(t, Number(new URL(emulator.url).port))
  await wire.send('GET /_emulator/worlds HTTP/1.0\r\n\r\n')
  t.match(await wire.answer(), { status: 200, body: /"url":"http:\/\/127.0.0.1:\d+"/ }, 'no Host at all')

  const host = 'koodrive:4020'
  const crossSite = { 'sec-fetch-site': 'cross-site' }
  const link = { ...crossSite, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  for (const [title, method, headers, status] of [
    ['its own page, by whatever name', 'PATCH', { host, origin: `http://${host}` }, 200],
    ['its own page behind a proxy that speaks TLS', 'PATCH', { host, origin: `https://${host}` }, 200],
    ['a page of another port there', 'PATCH', { host, origin: 'http://koodrive:4021' }, 403],
    ['a page whose name begins alike', 'PATCH', { host, origin: `http://${host}.evil.example` }, 403],
    ['an origin that is none', 'PATCH', { host, origin: 'null' }, 403],
    ['a picture in a page elsewhere', 'GET', { host, ...crossSite, 'sec-fetch-dest': 'image' }, 403],
    ['a script of it', 'GET', { host, ...crossSite }, 403],
    ['a link that somebody follows', 'GET', { host, ...link }, 200],
    ['a form that somebody sends', 'PATCH', { host, ...link }, 403],
    ['a page of this machine', 'GET', { ...crossSite, origin: 'http://localhost:3000' }, 200],
    ['a page of its own', 'GET', { host, 'sec-fetch-site': 'same-origin' }, 200],
  ] as const) {
    const { status: answered } = await usual.ask(
      method,
      '/worlds/default/clock',
      method === 'PATCH' ? {} : undefined,
      headers,
    )
    t.equal(answered === 404 ? 200 : answered, status, title)
  }
})

t.test('tokens: shown once, of any kind, and expired when told', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/t1', { auth: 'known' })
  const tokens = '/worlds/t1/tokens'
  const use = (token: unknown, user = exampleUser) =>
    emulator.code('t1', 'GET', '/device', undefined, { authorization: `Bearer ${token}`, 'x-user-id': user })
  const at = (millis: number) => new Date(noon + millis).toISOString()
  for (const [request, expiresAt] of [
    [{ userId: exampleUser }, at(1_200_000)],
    [{ userId: exampleUser, token: 'mine' }, at(1_200_000)],
    [{ userId: exampleUser, lifetime: 'PT1S' }, at(1000)],
    [{ userId: exampleUser, lifetime: 'P52000W' }, at(52_000 * 604_800_000)],
    [{ userId: exampleUser, lifetime: null }, null],
  ] as const) {
    const { status, body } = await emulator.ask('POST', tokens, request)
    t.equal(status, 201)
    const token =
      'token' in request ? request.token : /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    t.match(body, { token, userId: exampleUser, expiresAt })
    t.strictSame(Object.keys(body ?? {}), ['token', 'userId', 'expiresAt'])
    t.equal(await use(body?.['token']), 0)
    t.equal(await use(body?.['token'], 'another'), 13990401)
    t.equal((await emulator.ask('DELETE', tokens, { token: body?.['token'] })).status, 204)
    t.equal(await use(body?.['token']), 13990401, 'expired now')
    t.equal((await emulator.ask('DELETE', tokens, { token: body?.['token'] })).status, 204)
  }
  const expired = await emulator.turn('POST', tokens, { userId: exampleUser, lifetime: 'PT0S' })
  t.equal(await use(expired['token']), 13990401)
  await emulator.turn('POST', tokens, { userId: exampleUser, lifetime: null, token: 'for-ever' })
  await emulator.turn('PATCH', '/worlds/t1/clock', { advance: 'P500W' })
  t.equal(await use('for-ever'), 0)
  await emulator.turn('POST', tokens, { userId: 'another', token: 'for-ever' })
  t.strictSame([await use('for-ever'), await use('for-ever', 'another')], [13990401, 0], 'issued again, it is theirs')
})

t.test('apps: registered, replaced, and never shown with their secret', async (t) => {
  const emulator = await controlFor(t)
  const use = async (appSecret: string) => {
    const headers = signedBy({ appId: 'an-app', appSecret }, 'GET', `/worlds/t1${device}`)
    return emulator.code('t1', 'GET', '/device', undefined, headers)
  }
  t.equal(await use('one'), 13990401)
  const first = await emulator.ask('POST', '/worlds/t1/apps', { appId: 'an-app', appSecret: 'one' })
  t.strictSame([first.status, first.body], [201, { appId: 'an-app' }])
  t.equal(await use('one'), 0)
  await emulator.turn('POST', '/worlds/t1/apps', { appId: 'an-app', appSecret: 'two' })
  t.strictSame([await use('one'), await use('two')], [13990401, 0])
})

t.test('explain', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/t1', { auth: 'known', devices: 'strict' })
  await emulator.turn('PATCH', '/worlds/t1/clock', { frozen: true })
  const { lockId } = await fill(emulator, 't1')
  const usual = { ...emulator.headers(), authorization: 'Bearer a-token' }
  const explain = (question: object) =>
    emulator.turn('POST', '/worlds/t1/explain', { method: 'GET', path: device, headers: usual, ...question })
  const accepted = { accepted: true, check: null, code: 0, reason: null }
  const held = { ...usual, 'x-backup-lock-id': lockId }
  const lock = { method: 'POST', path: `${basePath}/lock`, body: { moduleCode: '100' } }
  const record = { method: 'POST', path: `${basePath}/record`, body: { moduleCode: '102', deviceId: exampleDevice } }

  for (const [title, question, check, code, reason] of [
    ['an honest one', {}],
    ['method in lower case', { method: 'get' }],
    ['with a prefix', { path: `/worlds/t1${device}` }],
    ['with a query', { path: `${device}/${exampleDevice}/scope?moduleCode=102` }],
    ['an encoded path', { path: `${device}/%31842812272691451648/scope?moduleCode=102` }],
    ['one that would write', lock],
    ['a body as text', { ...lock, body: '{"moduleCode":"100"}' }],
    ['an empty body', { body: '' }],
    ['under a lock', { ...record, headers: held }],
    [
      'header names in any case',
      { headers: { AUTHORIZATION: 'Bearer a-token', 'X-User-Id': exampleUser, 'X-Date': xDate(noon) } },
    ],
    ['an absolute target', { path: `http://koodrive${device}` }],
    ['what is followed by more', { headers: { ...usual, 'content-length': '0' }, body: 'more' }],
    ['a value in a list', { headers: { ...usual, 'x-date': [xDate(noon)] } }],
    ['an unknown path', { path: '/nowhere' }, 'route', 13000101, /^no operation has this path/],
    ['the control plane', { path: '/_emulator/worlds' }, 'route', 13000101, /^no operation has this path/],
    ['a raw character', { path: `${device}?x=ä` }, 'syntax', 13000101, /must be percent-encoded/],
    ['a header beyond Latin-1', { headers: { ...usual, 'x-other': '€' } }],
    ['another method', { method: 'PUT' }, 'route', 13000101, 'PUT is not taken here; this path takes POST, GET'],
    [
      'a form',
      { ...lock, headers: { ...usual, 'content-type': 'text/plain' } },
      'media type',
      13000101,
      /^Content-Type is not JSON/,
    ],
    [
      'a long body',
      { ...lock, body: 'x'.repeat(12 * 1024 * 1024 + 1) },
      'body size',
      13000101,
      /^body is larger than 12 MiB/,
    ],
    ['broken JSON', { ...lock, body: '{' }, 'syntax', 13000101, /^body is not acceptable JSON/],
    ['a broken path', { path: `${device}/%zz/scope` }, 'syntax', 13000101, /^path has a broken percent-encoding/],
    ['a broken query', { path: `${device}?a=%zz` }, 'syntax', 13000101, /^query has a broken percent-encoding/],
    ['a world with a bad name', { path: `/worlds/a%20b${device}` }, 'world', 13000102, /^the world is named with/],
    ['no authorization', { headers: {} }, 'Authorization', 13990401, /^Authorization is missing/],
    [
      'two of them',
      { headers: { ...usual, authorization: ['Bearer a-token', 'Bearer a-token'] } },
      'Authorization',
      13990401,
      /^Authorization was sent more than once/,
    ],
    [
      'an unknown token',
      { headers: { ...usual, authorization: 'Bearer x' } },
      'Authorization',
      13990401,
      /never issued/,
    ],
    ["another user's token", { headers: { ...usual, 'x-user-id': 'u' } }, 'Authorization', 13990401, /of another user/],
    [
      'another value than the present one',
      {
        method: 'PATCH',
        path: `${device}/${exampleDevice}/config`,
        body: { moduleCode: '102', configName: 'backend_backup_switch', currentConfigValue: 'x', newConfigValue: 'y' },
      },
      'rule',
      13990409,
      /^body\/currentConfigValue is not the present value/,
    ],
    ['no user', { headers: { ...usual, 'x-user-id': '' } }, 'X-User-Id', 13000102, /^X-User-Id is empty/],
    ['no date', { headers: { ...usual, 'x-date': 'now' } }, 'X-Date', 13000102, /^X-Date is a string of 3/],
    [
      'two dates',
      { headers: { ...usual, 'x-date': [xDate(noon), xDate(noon)] } },
      'X-Date',
      13000102,
      /^X-Date was sent more than once/,
    ],
    ['a late date', { headers: { ...usual, 'x-date': xDate(noon + 1000) } }, 'X-Date', 13000102, /too late/],
    ['no lock', record, 'lock', 13000102, /^x-backup-lock-id is missing/],
    ['a wrong body', { ...lock, body: { moduleCode: 100 } }, 'contract', 13000102, /^body\/moduleCode is a number/],
    ['no body', { ...lock, body: undefined }, 'contract', 13000102, /^body is missing/],
    ['null', { ...lock, body: null }, 'contract', 13000102, /^body is null/],
    ['a wrong query', { path: `${device}/d/scope` }, 'contract', 13000102, /^query\/moduleCode is missing/],
    ['a wrong path', { path: `${device}/a.b/scope?moduleCode=102` }, 'contract', 13000102, /^path\/deviceId/],
    [
      'a held lock',
      { ...lock, body: { moduleCode: '102' } },
      'rule',
      13990423,
      /^body\/moduleCode: this module's lock is held/,
    ],
    [
      'an unknown device',
      { path: `${device}/d/scope?moduleCode=102` },
      'rule',
      13000309,
      /^deviceId: this user has no such device/,
    ],
    [
      'an expired lock',
      { ...record, headers: { ...held, 'x-date': xDate(noon + 600_000) }, now: '2025-12-17T12:10:00Z' },
      'rule',
      13990424,
      /expired/,
    ],
    ['a lock just alive', { ...record, headers: held, now: '2025-12-17T12:09:59.999Z' }],
    ['the last millisecond of the window', { now: '2025-12-17T12:15:00Z' }],
    ['one beyond', { now: '2025-12-17T12:15:00.001Z' }, 'X-Date', 13000102, /^X-Date is 1 ms too early/],
    [
      'a token just alive',
      { headers: { ...usual, 'x-date': xDate(noon + 3_599_000) }, now: '2025-12-17T12:59:59.999Z' },
    ],
    [
      'an expired one',
      { headers: { ...usual, 'x-date': xDate(noon) }, now: '2025-12-17T13:00:00Z' },
      'Authorization',
      13990401,
      /expired/,
    ],
  ] as const) {
    t.test(title, async (t) => {
      const world = emulator.named('t1')
      const before = [tablesOf(world), world.ids.position(), world.random.state(), world.clock.state()]
      const expected = check === undefined ? accepted : { accepted: false, check, code, reason }
      t.match(await explain(question), expected)
      const after = [tablesOf(world), world.ids.position(), world.random.state(), world.clock.state()]
      t.strictSame(after, before, 'it changes nothing, and renews no token')
    })
  }

  t.test('an app signature, with what the emulator computes over it', async (t) => {
    const app = { appId: 'an-app', appSecret: 'a-secret' }
    const path = `/worlds/t1${device}`
    const headers = signedBy(app, 'GET', path)
    const canonicalRequest = [
      'GET',
      `${path}/`,
      '',
      `x-date:${xDate(noon)}`,
      `x-user-id:${exampleUser}`,
      '',
      'x-date;x-user-id',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ].join('\n')
    const digest = createHash('sha256').update(canonicalRequest).digest('hex')
    const stringToSign = `HMAC-SHA256\n${digest}`
    t.match(await explain({ path, headers }), { ...accepted, facts: [], canonicalRequest, stringToSign })
    const wrong = { ...headers, authorization: String(headers['authorization']).replace(/.{64}$/, '0'.repeat(64)) }
    const refused = await explain({ path, headers: wrong })
    t.match(refused, {
      accepted: false,
      check: 'Authorization',
      code: 13990401,
      reason: digest,
      canonicalRequest,
      stringToSign,
    })
    t.notMatch(JSON.stringify(refused), 'a-secret')
    const names = ['accepted', 'check', 'code', 'reason', 'checks', 'facts']
    t.strictSame(Object.keys(await explain({})), names, 'but not over a token')
    for (const broken of [`${basePath}/%zz`, `${device}?a=%zz`, `/worlds/%zz${device}`]) {
      t.notOk(
        Object.hasOwn(await explain({ path: broken, headers }), 'stringToSign'),
        'nor over what cannot be decoded',
      )
    }
    t.match(await explain({ headers: { authorization: 'HMAC-SHA256 x' } }), { check: 'Authorization' })
  })

  t.test('a number of more digits than JavaScript has', async (t) => {
    const question = `{"method":"POST","path":"${basePath}/lock","headers":{},"body":{"a":12345678901234567890}}`
    const url = '/_emulator/worlds/t1/explain'
    const headers = { 'content-type': 'application/json' }
    const answer = await emulator.server.inject({ method: 'POST', url, headers, payload: question })
    t.match(answer.json(), { check: 'Authorization' })
  })

  t.test('a world that there is no room for', async (t) => {
    const full = await controlFor(t, { maxWorlds: '1' })
    const question = { method: 'GET', path: `/worlds/other${device}`, headers: full.headers() }
    t.match(await full.turn('POST', '/worlds/default/explain', question), accepted)
    await full.turn('PUT', '/worlds/t1')
    const refused = { accepted: false, check: 'world', code: 13990503, reason: /^there are 1 worlds already/ }
    t.match(await full.turn('POST', '/worlds/default/explain', question), refused)
    const unknown = { ...question, headers: {} }
    t.match(await full.turn('POST', '/worlds/default/explain', unknown), { check: 'Authorization' })
  })

  t.test('the answer is that of the API itself', async (t) => {
    const adopting = await controlFor(t)
    const headers = adopting.headers()
    const path = `${device}/new/scope`
    const body = { moduleCode: '102', scopeList: [{ localPath: '/a' }] }
    const question = { method: 'POST', path, headers, body }
    t.match(await adopting.turn('POST', '/worlds/t1/explain', question), accepted)
    t.notOk(adopting.named('t1').store.devices.find(exampleUser, 'new'), 'adopted by nobody')
    t.equal(await adopting.code('t1', 'POST', '/device/new/scope', body), 0)
    t.match(await adopting.turn('POST', '/worlds/made/explain', question), accepted)
    t.ok(adopting.worlds.find('made'))
    const file = await fill(adopting, 't1')
    const [recordId] =
      (await adopting.state('t1')).users?.[exampleUser]?.records?.map((one) => one.recordId).slice(-1) ?? []
    const held = { ...headers, 'x-backup-lock-id': file.lockId }
    const add = { method: 'POST', path: `${basePath}/record/${recordId}/file`, headers: held, body: { fileName: 'x' } }
    t.match(await adopting.turn('POST', '/worlds/t1/explain', add), accepted)
  })
})

t.test('in process: the handle is the other face of the same thing', async (t) => {
  const emulator = await startEmulator({ maxWorlds: 3 })
  t.teardown(() => emulator.close())
  const show = async (path: string) => (await send(`${emulator.url}/_emulator/worlds/${path}`)).json()
  const call = async (url: string, method: string, path: string, body?: object, headers = {}) =>
    (
      await send(url + basePath + path, {
        method,
        headers: { ...honestHeaders(), ...headers },
        body: body && JSON.stringify(body),
      })
    ).json()
  const world = emulator.world('t1', { auth: 'known', devices: 'strict' })
  t.equal(world.name, 't1')
  t.equal(world.url, `${emulator.url}/worlds/t1`)
  t.equal(emulator.world('default').url, emulator.url)
  t.strictSame(world.view(), await show('t1'))

  t.match(world.clock.set({ frozen: true }), { frozen: true })
  t.match(world.clock.set('2025-01-01T00:00:00Z'), { now: '2025-01-01T00:00:00.000Z', frozen: true })
  t.match(world.clock.advance('PT10M'), { now: '2025-01-01T00:10:00.000Z' })
  const { signingNow: _, ...clock } = world.clock.read()
  t.match(await show('t1/clock'), clock)

  const { token, expiresAt } = world.issueToken({ userId: exampleUser })
  t.equal(expiresAt, '2025-01-01T00:30:00.000Z')
  const authorization = `Bearer ${token}`
  t.match(await call(world.url, 'POST', '/lock', { moduleCode: '102' }, { authorization }), { code: 0 })
  t.match(await call(world.url, 'GET', '/device'), { code: 13990401 })
  t.strictSame(world.state(), await show('t1/state'))
  world.snapshot('a')
  t.match(await show('t1/snapshots'), { snapshots: [{ label: 'a' }] })
  const document = world.state()
  world.clock.advance('PT10M')
  t.match(
    await call(world.url, 'POST', '/lock', { moduleCode: '102' }, { authorization }),
    { code: 0 },
    'the lock is gone',
  )
  world.restore('a')
  t.strictSame(world.state(), document)
  t.equal(world.clock.read().now, '2025-01-01T00:10:00.000Z')
  world.registerApp({ appId: 'an-app', appSecret: 'a-secret' })
  const question = { method: 'GET', path: `${basePath}/device`, headers: { ...honestHeaders(), authorization } }
  const explained = await world.explain(question)
  t.match(explained, { accepted: true })
  t.strictSame(
    (
      await send(`${emulator.url}/_emulator/worlds/t1/explain`, { method: 'POST', body: JSON.stringify(question) })
    ).json(),
    explained,
  )
  const copy = emulator.world('t2')
  copy.importState(document)
  t.strictSame(await show('t2/state'), document)
  world.reset()
  t.match(world.view(), { settings: { auth: 'known', devices: 'strict' } })
  t.strictSame(world.state(), emulator.world('t3').state())
  t.strictSame(await show('t1/snapshots'), { snapshots: [] })

  const problem = async (status: number, detail: string | RegExp, work: () => unknown) => {
    try {
      await work()
      t.fail(`${detail} was not thrown`)
    } catch (error) {
      t.type(error, Problem)
      t.match(error, { status, message: detail })
    }
  }
  await problem(400, /^body\/advance is no ISO 8601 duration/, () => world.clock.advance('ten'))
  await problem(400, /^body\/now is no instant/, () => world.clock.set('2025-02-30T00:00:00Z'))
  await problem(400, /^body\/frozen is a string/, () => world.clock.set({ frozen: 'yes' } as unknown as object))
  await problem(400, /^the state clock runs from/, () => world.clock.advance('P52000W'))
  await problem(400, /^body\/userId is missing/, () => world.issueToken({} as { userId: string }))
  await problem(400, /^body\/appSecret is missing/, () =>
    world.registerApp({ appId: 'a' } as { appId: string; appSecret: string }),
  )
  await problem(400, /^body\/wat is not a known property/, () => world.importState({ wat: 1 } as object))
  await problem(400, /^seed\/apps\/1 repeats/, () =>
    world.importState({ apps: [1, 2].map(() => ({ appId: 'a', appSecret: 's' })) }),
  )
  await problem(400, /^body\/now is a string/, () => world.explain({ ...question, now: 'x' }))
  await problem(400, /^body\/auth is a string of 4/, () => emulator.world('t1', { auth: 'none' as 'any' }))
  await problem(400, /^path\/name is a string of 3( with .+)?; expected/, () => emulator.world('a b'))
  await problem(400, /^path\/label is a string of 3( with .+)?; expected/, () => world.snapshot('a b'))
  await problem(404, 'the world t1 has no snapshot b', () => world.restore('b'))
  await problem(503, /^there are 3 worlds already/, () => emulator.world('t4'))
  await problem(409, 'the default world stays; reset it instead', () => emulator.world('default').delete())
  world.delete()
  await problem(404, /^there is no world t1/, () => world.delete())
  await problem(404, /^there is no world t1/, () => world.view())
  t.match(emulator.world('t1').view(), { settings: { auth: 'any' } }, 'made again, it is a new one')
})

t.test('in process: a listener is told of every exchange, in whichever world bears the name', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const world = emulator.world('watched')
  const seen: string[] = []
  const end = world.onRequest(({ operation, requestText, id }) => seen.push(`${id} ${operation} ${requestText}`))
  const headers = { authorization: 'Bearer+t', 'x-user-id': 'u', 'x-date': xDate(Date.now()) }
  const ask = (path: string) => fetch(`${world.url}/koodrive/ose/v1/backup${path}`, { headers })
  await ask('/device')
  world.reset()
  await ask('/device/d/scope?moduleCode=102')
  while (seen.length < 2) await new Promise(setImmediate)
  end()
  await ask('/device')
  t.same(seen, ['1 listBoundDevice ', '1 listBackupScope '])
  t.throws(() => world.onRequest('no' as never), { status: 400, message: /listener is no function/ })
  for (const wrong of [undefined, null, {}])
    for (const name of ['onWorldBegin', 'onWorldEnd'] as const)
      t.throws(() => emulator[name](wrong as never), { status: 400, message: /no function; expected one of a world$/ })
  t.throws(() => world.clock.advance(undefined as never), { status: 400, message: /^body\/advance is null; expected/ })

  const usual = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  const thrown = once(process, 'unhandledRejection')
  const stop = world.onRequest(() => {
    throw new Error('own')
  })
  t.equal((await ask('/device')).status, 200)
  t.match(await thrown, [{ message: 'own' }], 'what a listener throws harms nobody else')
  for (const listener of usual) process.on('unhandledRejection', listener)
  stop()
  await emulator.close()
  t.throws(() => world.onRequest(() => undefined), { status: 503, message: /closed/ })
})

t.test('in process: a token expires when told', async (t) => {
  const emulator = await startEmulator({ auth: 'known' })
  t.teardown(() => emulator.close())
  const world = emulator.world('tokens')
  const { token } = world.issueToken({ userId: 'u' })
  const ask = async () => {
    const headers = { authorization: `Bearer+${token}`, 'x-user-id': 'u', 'x-date': xDate(Date.now()) }
    return (await fetch(`${world.url}/koodrive/ose/v1/backup/device`, { headers })).status
  }
  t.equal(await ask(), 200)
  world.expireToken(token)
  t.equal(await ask(), 401)
  t.throws(() => world.expireToken('another'), { status: 404, message: /never issued/ })
})

t.test('--public-url is the base of a handle, too', async (t) => {
  const emulator = await startEmulator({ publicUrl: 'https://public.example' })
  t.teardown(() => emulator.close())
  t.equal(emulator.world('t1').url, 'https://public.example/worlds/t1')
})

/** What a handle throws. */
async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error instanceof Problem ? { status: error.status, message: error.message } : error
  }
}

t.test('a handle that only reads, or takes away, makes no world', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const world = emulator.world('t1', { devices: 'strict' })
  const { id } = world.faults.add({ operations: '*', effect: { type: 'latency', ms: 0 } })
  t.strictSame([world.faults.remove('none'), world.faults.remove(id), world.faults.remove(id)], [false, true, false])
  world.delete()
  const uses: Record<string, () => unknown> = {
    view: () => world.view(),
    clock: () => world.clock.read(),
    state: () => world.state(),
    requests: () => world.requests(),
    forgetRequests: () => world.forgetRequests(),
    har: () => world.har(),
    review: () => world.review(),
    faults: () => world.faults.list(),
    remove: () => world.faults.remove('fault-1'),
    clear: () => world.faults.clear(),
    restore: () => world.restore('a'),
    explain: () => world.explain({ request: 1 }),
    delete: () => world.delete(),
  }
  const gone = { status: 404, message: 'there is no world t1; PUT /_emulator/worlds/t1 makes it' }
  for (const [name, use] of Object.entries(uses)) t.strictSame(await thrownBy(use), gone, name)
  t.equal((await send(`${emulator.url}/_emulator/worlds/t1`)).status, 404, 'none of them made it again')
  world.clock.set({ frozen: true })
  t.match(world.view(), { settings: { devices: 'adopt' } }, 'what changes something does')

  await emulator.close()
  const closed = { status: 503, message: 'the emulator is closed; start another one' }
  const others = {
    open: () => emulator.world('t1'),
    begin: () => emulator.world('t2', {}),
    reset: () => world.reset(),
    explain: () => world.explain({ method: 'GET', path: '/', headers: {} }),
  }
  for (const [name, use] of Object.entries({ ...uses, ...others })) t.strictSame(await thrownBy(use), closed, name)
})

t.test('a handle takes what can be sent over HTTP, and says what is wrong with the rest', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const world = emulator.world('t1')
  const loop: Record<string, unknown> = {}
  loop['loop'] = loop
  for (const [search, message] of [
    [{ since: 'garbage' }, /^query\/since is a string of 7( with .+)?; expected/],
    [{ since: '2025-02-30T00:00:00Z' }, /^query\/since is no instant of the calendar/],
    [{ until: '2025-01-01T24:00:00Z' }, /^query\/until is no instant of the calendar/],
    [{ limit: -1 }, /^query\/limit is a string of 2/],
    [{ limit: 1.5 }, /^query\/limit is a string of 3/],
    [{ status: 'ok' }, /^query\/status is a string of 2/],
    [
      { nope: 1 },
      /^query\/nope is not known; expected operation, deviceId, status, code, since, until, limit, after, userId/,
    ],
    [
      { operation: 'bindDevices' },
      /^query\/operation is a string of 11; expected one of "bindDevice", .*"uploadPart"$/,
    ],
    ['garbage', /^query\/0 is not known/],
    [{ body: { a: loop } }, /^query cannot be written as JSON/],
  ] as const) {
    for (const read of [world.requests, world.har]) {
      t.match(await thrownBy(() => read(search as object)), { status: 400, message }, String(message))
    }
  }
  const big = { body: { a: 1n } } as unknown as object
  t.match(await thrownBy(() => world.requests(big)), { status: 400, message: /^query cannot be written as JSON/ })
  t.match(await thrownBy(() => world.importState(loop)), { status: 400, message: /^body cannot be written as JSON/ })
  for (const name of ['.', '..', '', 'a/b', 'x'.repeat(65)]) {
    t.match(await thrownBy(() => emulator.world(name)), { status: 400, message: /^path\/name is / }, name)
    t.match(await thrownBy(() => world.snapshot(name)), { status: 400, message: /^path\/label is / }, name)
  }
  t.match(await thrownBy(() => emulator.world(5 as unknown as string)), { message: /^path\/name is a number/ })
  const everything = { since: undefined, limit: undefined, body: undefined } as object
  t.strictSame([world.requests(everything), world.requests(null as unknown as object)], [[], []])
})

t.test('what is undefined is not given', async (t) => {
  const emulator = await startEmulator({ auth: 'any', devices: 'strict' })
  t.teardown(() => emulator.close())
  const names = ['auth', 'devices', 'errorStatus', 'scopesPerModule', 'worker', 'random', 'unkind', 'seed'] as const
  const usual = emulator.world('usual', {}).view().settings
  for (const name of names) {
    const world = emulator.world('t1', { [name]: undefined } as object)
    t.strictSame(world.view().settings, usual, name)
    t.strictSame(await (await send(`${world.url}${device}`, { headers: honestHeaders() })).status, 200)
  }
  const world = emulator.world('t1', { scopesPerModule: Number.POSITIVE_INFINITY })
  t.equal(world.view().settings.scopesPerModule, null)
  const { token } = world.issueToken({ userId: 'u', token: undefined, lifetime: undefined } as { userId: string })
  t.match(token, /^[0-9a-f-]{36}$/)
  t.match(world.clock.set({ frozen: undefined, now: undefined } as object), { frozen: false })
  const fault = {
    operations: '*',
    deviceId: undefined,
    when: undefined,
    effect: { type: 'latency', ms: 1, min: undefined },
  }
  t.strictSame(world.faults.add(fault as never), {
    operations: '*',
    effect: { type: 'latency', ms: 1 },
    id: 'fault-1',
    matched: 0,
    hits: 0,
    paused: false,
  })
})

t.test('what a handle takes and gives is copied', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const own = { deviceId: 'own', machineCode: 'm', createTime: '2025-12-17T12:00:00.000Z' }
  const seed = { users: { u: { devices: [own] } } }
  const unkind = { seed: 3 }
  const world = emulator.world('t1', { seed, unkind })
  const before = world.state()
  own.deviceId = 'another'
  unkind.seed = -1
  world.reset()
  t.strictSame(world.state(), before, 'a seed that is changed later changes nothing')
  t.match(world.view(), { settings: { unkind: { seed: 3 } } })
  world.importState(seed)
  const imported = world.state()
  own.deviceId = 'a third'
  t.strictSame(world.state(), imported)
  Object.assign(world.view().settings.unkind ?? {}, { seed: -1 })
  t.match(world.view(), { settings: { unkind: { seed: 3 } } }, 'nor does what was handed out')

  const when = { first: 1 }
  const body = { '/moduleCode': '102' }
  const fault = world.faults.add({ operations: ['createBackupLock'], when, body, effect: { type: 'throttle' } })
  const listed = world.faults.list()
  t.strictSame(listed, [fault])
  when.first = 5
  body['/moduleCode'] = '100'
  Object.assign(fault.when ?? {}, { first: 7 })
  Object.assign(world.faults.list()[0]?.effect ?? {}, { type: 'reset' })
  t.strictSame(world.faults.list(), [{ ...fault, when: { first: 1 } }])
})

t.test('a mistake in a query or an address of the control plane is a problem', async (t) => {
  const emulator = await controlFor(t)
  await emulator.isProblem(t, ['GET', '/worlds?a=%zz'], 400, /^query has a broken percent-encoding/)
  await emulator.isProblem(t, ['GET', `/docs/${'x'.repeat(101)}`], 400, /^path\/file is a string of 101/)
  await emulator.isProblem(t, ['GET', '/docs/none.js'], 404, 'the documentation has no such file')
})

t.test('the check that refused is the one that was entered last, or the one that the refusal belongs to', async (t) => {
  const of = (check: Exchange['check'], refusal: Refusal | null) =>
    refusingCheck({ check, refusal, isAccepted: false } as Exchange)
  t.equal(of('rule', refuse('notFound', '')), 'rule')
  t.equal(of(null, refuse('tooLarge', '')), 'body size')
  t.equal(of(null, refuse('internal', '')), null)
  t.equal(of(null, null), null)
})
