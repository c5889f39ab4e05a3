import { once } from 'node:events'
import http from 'node:http'
import { join } from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Test } from 'tap'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import { startEmulator } from '../src/index.ts'
import type { World } from '../src/world/world.ts'
import { filesPath } from './fixtures/backup.ts'
import { readUntil } from './fixtures/client.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, controlOver, fill, signedBy, tablesOf, traffic } from './fixtures/control.ts'
import { emulatorFor, exampleDevice, exampleUser, noon } from './fixtures/emulator.ts'
import { listening } from './fixtures/exchange.ts'
import type { Wire } from './fixtures/socket.ts'

const scopes = `/device/${exampleDevice}/scope`
const scopeBody = (localPath: string) => ({ moduleCode: '102', scopeList: [{ localPath }] })
const documentedApp = {
  appId: 'a378331eca141163119eb602adb67b7802cc79cd33ba44c7d2fe61d1586c96a1',
  appSecret: 'emulator-app-secret',
}

/** The local paths of the documented device in a world. */
async function pathsIn(emulator: Control, name: string): Promise<string[]> {
  const { body } = await emulator.of(name, 'GET', `${scopes}?moduleCode=102`)
  return ((body?.['scopeList'] ?? []) as { localPath: string }[]).map(({ localPath }) => localPath)
}

t.test('isolation', async (t) => {
  const names = Array.from({ length: 100 }, (_, index) => `world-${index}`)
  const length = 30

  async function begin(emulator: Control, name: string): Promise<number> {
    const index = names.indexOf(name)
    await emulator.turn('PUT', `/worlds/${name}`, { random: index, worker: index })
    const now = new Date(noon + index * 1000).toISOString()
    await emulator.turn('PATCH', `/worlds/${name}/clock`, { frozen: true, now })
    return index
  }

  t.test('100 worlds with frozen clocks at once end exactly as each does alone', async (t) => {
    const shared = await controlFor(t)
    const together = await Promise.all(
      names.map(async (name) => {
        const answers = await traffic(shared, name, await begin(shared, name), length)
        return { answers, state: await shared.state(name) }
      }),
    )
    for (const [index, name] of names.entries()) {
      const alone = await controlFor(t)
      const answers = await traffic(alone, name, await begin(alone, name), length)
      t.strictSame(together[index], { answers, state: await alone.state(name) }, name)
      t.strictSame(tablesOf(shared.named(name)), tablesOf(alone.named(name)), `${name} in every row`)
    }
    const accepted = together
      .flatMap(({ answers }) => answers)
      .filter((answer) => /"code":0/.test(JSON.stringify(answer)))
    t.ok(accepted.length > length * names.length * 0.3, `${accepted.length} requests did something`)
    t.strictSame(
      await shared.state('default'),
      await (await controlFor(t)).state('default'),
      'the default one is untouched',
    )
  })

  t.test('two worlds have the same names and different contents', async (t) => {
    const emulator = await controlFor(t)
    for (const name of ['a', 'b']) t.equal(await emulator.code(name, 'POST', scopes, scopeBody(`/${name}`)), 0)
    t.equal(await emulator.code('default', 'POST', scopes, scopeBody('/default')), 0)
    for (const name of ['a', 'b', 'default']) t.strictSame(await pathsIn(emulator, name), [`/${name}`])
    const [one, two] = await Promise.all(
      ['a', 'b'].map((name) => emulator.of(name, 'POST', '/lock', { moduleCode: '100' })),
    )
    t.strictSame(one?.body, two?.body, 'DEC-31: the same requests give the same ids')
  })
})

t.test('which world a request is about', async (t) => {
  const emulator = await controlFor(t)
  const { inject } = { inject: emulator.server.inject.bind(emulator.server) }
  const ask = async (url: string, header?: string | string[], headers: object = emulator.headers()) => {
    const all = { ...headers, ...(header === undefined ? {} : { 'x-emulator-world': header }) }
    const { statusCode, body, headers: answered } = await inject({ method: 'GET', url, headers: all })
    return { status: statusCode, ...JSON.parse(body), reason: answered['x-emulator-reason'] }
  }
  const list = `${basePath}${scopes}?moduleCode=102`
  for (const name of ['t1', 'default', 'A.b-c_9', 'x'.repeat(64), 'constructor', '__proto__']) {
    await emulator.turn('PUT', `/worlds/${name}`, {})
    t.equal(await emulator.code(name, 'POST', scopes, scopeBody(`/in/${name.length}`)), 0, name)
  }

  const long = 'x'.repeat(64)
  for (const [title, url, header, localPath] of [
    ['neither', list, undefined, '/in/7'],
    ['the header', list, 't1', '/in/2'],
    ['the prefix', `/worlds/t1${list}`, undefined, '/in/2'],
    ['both, which agree', `/worlds/t1${list}`, 't1', '/in/2'],
    ['default by its name', list, 'default', '/in/7'],
    ['default by the prefix', `/worlds/default${list}`, undefined, '/in/7'],
    ['the longest name', list, long, '/in/64'],
    ['the longest name in the prefix', `/worlds/${long}${list}`, undefined, '/in/64'],
    ['a target with a host', `http://elsewhere/worlds/t1${list}`, undefined, '/in/2'],
    ['every sign', list, 'A.b-c_9', '/in/7'],
  ] as const) {
    const { status, scopeList } = await ask(url, header)
    t.match([status, scopeList], [200, [{ localPath }]], title)
  }

  const bad = /^the world is named with 1 to 64 letters, digits, dots, dashes and underscores, save \. and \.\.$/
  const differ = /^X-Emulator-World and the prefix of the path name different worlds; send one of them$/
  for (const [title, url, header, reason] of [
    ['header and prefix disagree', `/worlds/t1${list}`, 't2', differ],
    ['the default one is a name, too', `/worlds/t1${list}`, 'default', differ],
    ['names count by the letter', `/worlds/t1${list}`, 'T1', differ],
    ['65 characters', list, 'x'.repeat(65), bad],
    ['65 characters in the prefix', `/worlds/${'x'.repeat(65)}${list}`, undefined, bad],
    ['a space', list, 'a b', bad],
    ['beyond ASCII', list, 'w\u00e9', bad],
    ['a slash', list, 'a/b', bad],
    ['empty', list, '', bad],
    ['a dot, which an address loses', list, '.', bad],
    ['two dots, which take a name away', list, '..', bad],
    ['empty prefix', `/worlds/${list}`, undefined, bad],
    ['empty prefix beside a good header', `/worlds/${list}`, 't1', bad],
    ['percent-encoding, even of a good name', `/worlds/%74%31${list}`, undefined, bad],
    ['the header twice', list, ['t1', 't1'], bad],
  ] as const) {
    const answer = await ask(url, header as string | string[] | undefined)
    t.match(answer, { status: 400, code: 13000102, msg: 'Verify parameters failed.', reason }, title)
  }
  t.match(await ask('/worlds/t1'), { status: 404, code: 13000101 }, 'nothing behind the name')
  t.match(await ask('/worlds/t1?moduleCode=102'), { status: 404, code: 13000101 })
  t.match(await ask('/worlds'), { status: 404, code: 13000101 })
  t.match(await ask(`/worlds/t1/worlds/t2${list}`), { status: 404, code: 13000101 }, 'one prefix, not two')
  t.match(await ask(`/worlds/t1${basePath}/device/%zz/scope`), { status: 400, code: 13000101 })
  t.strictSame(
    emulator.worlds.list().filter(({ name }) => /t2|T1|%/.test(name)),
    [],
    'a refused name makes no world',
  )
})

t.test('a world appears on first use: seeded, in memory, with the settings of the server', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const emulator = await controlFor(t, { db, devices: 'strict', errorStatus: 'ok', scopesPerModule: '1', auth: 'any' })
  t.strictSame((await emulator.turn('GET', '/worlds'))['worlds'], [await emulator.turn('GET', '/worlds/default')])
  await emulator.isProblem(t, ['GET', '/worlds/new'], 404, 'there is no world new; PUT /_emulator/worlds/new makes it')
  t.match(await emulator.of('new', 'GET', '/device'), { status: 200, body: { data: [{}, {}] } })
  const settings = {
    auth: 'any',
    devices: 'strict',
    errorStatus: 'ok',
    completion: 'explicit',
    scopesPerModule: 1,
    worker: 527,
    unkind: null,
    random: 1,
    changes: false,
    seed: 'bundled',
  }
  const at = new Date(noon).toISOString()
  t.strictSame(await emulator.turn('GET', '/worlds/new'), {
    name: 'new',
    url: 'http://localhost:80/worlds/new',
    settings,
    createdAt: at,
    lastUsedAt: at,
    generation: emulator.named('new').journal.generation,
    database: 'memory',
  })
  t.strictSame(
    await emulator.of('new', 'GET', '/device/unknown/scope?moduleCode=102').then(({ status }) => status),
    200,
  )
  const restarted = await controlFor(t, { db: ':memory:' })
  t.strictSame((await restarted.turn('GET', '/worlds'))['limit'], 1000)
})

t.test('DEC-29: upload addresses carry the world, however it was chosen', async (t) => {
  for (const [publicUrl, base] of [
    [undefined, 'http://localhost:80'],
    ['https://public.example/base/', 'https://public.example/base'],
  ] as const) {
    const emulator = await controlFor(t, publicUrl === undefined ? {} : { publicUrl })
    t.match(await emulator.turn('PUT', '/worlds/t1', {}), { url: `${base}/worlds/t1` })
    for (const [name, url, header, prefix] of [
      ['t1', '', 't1', '/worlds/t1'],
      ['t2', '/worlds/t2', undefined, '/worlds/t2'],
      ['t3', '/worlds/t3', 't3', '/worlds/t3'],
      ['default', '', undefined, ''],
    ] as const) {
      const ask = async (path: string, payload: object, headers = {}) => {
        const world = header === undefined ? {} : { 'x-emulator-world': header }
        const all = { ...emulator.headers(), 'content-type': 'application/json', ...world, ...headers }
        return (
          await emulator.server.inject({ method: 'POST', url: url + basePath + path, headers: all, payload })
        ).json()
      }
      const { lockId } = (await ask('/lock', { moduleCode: '102' })).data
      const held = { 'x-backup-lock-id': lockId }
      const { recordId } = (await ask('/record', { moduleCode: '102', deviceId: exampleDevice }, held)).data
      const { fileId, multiParts, uploadId } = await ask(`/record/${recordId}/file`, { fileName: 'f' }, held)
      const [{ uploadUrl }] = multiParts
      t.ok(uploadUrl.startsWith(`${base}${prefix}/_upload/${uploadId}/1?`), name)
      const at = uploadUrl.slice(base.length)
      t.match(await emulator.server.inject({ method: 'PUT', url: at, payload: 'x' }), { statusCode: 200 }, name)
      t.match((await emulator.of(name, 'POST', `!${filesPath}/complete`, { fileId })).body, { msg: 'success.' })
      t.match((await emulator.of(name, 'GET', `/record/${recordId}/files?pageSize=5`)).body, { data: [{ size: 1 }] })
    }
  }
})

t.test('DEC-3: a signature covers the path as received, the prefix included', async (t) => {
  const emulator = await controlFor(t)
  const path = `${basePath}/device`
  for (const [title, url, signed, headers, status] of [
    ['with the prefix', `/worlds/t1${path}`, `/worlds/t1${path}`, {}, 200],
    ['without it', `/worlds/t1${path}`, path, {}, 401],
    ['with another', `/worlds/t1${path}`, `/worlds/t2${path}`, {}, 401],
    ['no prefix, by the header', path, path, { 'x-emulator-world': 't1' }, 200],
    ['a prefix that is not there', path, `/worlds/t1${path}`, { 'x-emulator-world': 't1' }, 401],
  ] as const) {
    const all = { ...signedBy(documentedApp, 'GET', signed), ...headers }
    t.equal((await emulator.server.inject({ method: 'GET', url, headers: all })).statusCode, status, title)
  }
})

t.test('--control off leaves the default world alone, and health', async (t) => {
  const emulator = await controlFor(t, { control: 'off', devices: 'strict' })
  t.match(await emulator.ask('GET', '/health'), { status: 200, body: { status: 'ok' } })
  for (const request of [
    ['GET', '/worlds'],
    ['PUT', '/worlds/t1', {}],
    ['POST', '/worlds/default/reset'],
    ['GET', '/worlds/default/state'],
    ['PATCH', '/worlds/default/clock', { advance: 'PT1M' }],
    ['POST', '/worlds/default/explain', {}],
    ['POST', '/worlds/default/tokens', {}],
  ] as const) {
    await emulator.isProblem(t, request, 404, /^the emulator has no route /)
  }
  const headers = { 'x-emulator-world': 'no name at all' }
  const { statusCode } = await emulator.call({ method: 'GET', path: `${scopes}?moduleCode=102`, headers })
  t.equal(statusCode, 200, 'the header is not read')
  for (const name of ['t1', 'default', '']) {
    t.match(await emulator.of(name, 'GET', `${scopes}?moduleCode=102`), { status: 404, body: { code: 13000101 } }, name)
  }
  t.equal(emulator.worlds.list().length, 1)
})

t.test('worlds are made, looked at, made anew, and dropped', async (t) => {
  const emulator = await controlFor(t)
  const at = (millis: number) => new Date(noon + millis).toISOString()
  t.match(await emulator.ask('PUT', '/worlds/t1'), { status: 201, body: { createdAt: at(0), lastUsedAt: at(0) } })
  t.match(await emulator.ask('PUT', '/worlds/t2', ''), { status: 201 }, 'an empty body is no body')
  t.equal(await emulator.code('t1', 'POST', scopes, scopeBody('/a')), 0)
  emulator.time.now += 1000
  t.match(await emulator.turn('GET', '/worlds/t1'), { createdAt: at(0), lastUsedAt: at(0) }, 'to look is not to use')
  await emulator.code('t1', 'GET', '/device')
  t.match(await emulator.turn('GET', '/worlds/t1'), { createdAt: at(0), lastUsedAt: at(1000) })
  emulator.time.now += 1000
  t.match(await emulator.ask('PUT', '/worlds/t1', { auth: 'known' }), {
    status: 200,
    body: { settings: { auth: 'known' }, createdAt: at(2000), lastUsedAt: at(2000) },
  })
  t.match(await emulator.ask('POST', '/worlds/t1/reset'), { status: 200, body: { settings: { auth: 'known' } } })
  t.match(await emulator.ask('POST', '/worlds/t3/reset', ''), { status: 200, body: { settings: { auth: 'any' } } })
  const names = async () => ((await emulator.turn('GET', '/worlds'))['worlds'] as World[]).map(({ name }) => name)
  t.strictSame(await names(), ['default', 't1', 't2', 't3'])
  t.match(await emulator.ask('DELETE', '/worlds/t1'), { status: 204, body: undefined })
  await emulator.isProblem(t, ['DELETE', '/worlds/t1'], 404, /^there is no world t1/)
  await emulator.isProblem(t, ['DELETE', '/worlds/default'], 409, 'the default world stays; reset it instead')
  t.strictSame(await names(), ['default', 't2', 't3'])
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['GET', '/state', undefined],
    ['GET', '/clock', undefined],
    ['GET', '/snapshots', undefined],
    ['DELETE', '', undefined],
    ['DELETE', '/snapshots/a', undefined],
    ['DELETE', '/tokens', { token: 'x' }],
    ['POST', '/snapshots/a/restore', undefined],
  ] as const) {
    await emulator.isProblem(t, [method, `/worlds/unknown${path}`, body], 404, /unknown/)
  }
  for (const [index, [method, path, body]] of (
    [
      ['PUT', '', {}],
      ['POST', '/reset', undefined],
      ['PATCH', '/clock', {}],
      ['PUT', '/state', {}],
      ['POST', '/snapshots/a', undefined],
      ['POST', '/tokens', { userId: 'u' }],
      ['POST', '/apps', { appId: 'a', appSecret: 's' }],
      ['POST', '/explain', { method: 'GET', path: '/', headers: {} }],
    ] as const
  ).entries()) {
    await emulator.turn(method, `/worlds/made-${index}${path}`, body)
    t.match(
      await emulator.turn('GET', `/worlds/made-${index}`),
      { name: `made-${index}` },
      `${method} ${path} makes it`,
    )
  }
})

t.test('every setting of a world has its effect in this world alone', async (t) => {
  const emulator = await controlFor(t)
  const lockOf = async (name: string) =>
    Object((await emulator.of(name, 'POST', '/lock', { moduleCode: '102' })).body?.['data'])['lockId']
  const workerOf = async (name: string) => {
    const { body } = await emulator.of(name, 'POST', '/device', { machineCode: 'm' })
    return Number((BigInt(Object(body?.['data'])['deviceId']) >> 7n) % 65_536n)
  }
  const add = (name: string) =>
    emulator.of(name, 'POST', scopes, { moduleCode: '102', scopeList: [{ localPath: '/a' }, { localPath: '/b' }] })
  const failures = async (name: string) => (await add(name)).body?.['failedScopeList']
  const devices = async (name: string) =>
    ((await emulator.of(name, 'GET', '/device')).body?.['data'] as object[] | undefined)?.length
  const own = { users: { [exampleUser]: { devices: [{ deviceId: 'own', machineCode: 'm' }] } } }
  const probes: Record<string, (name: string) => Promise<unknown>> = {
    auth: (name) => emulator.code(name, 'GET', '/device'),
    devices: (name) => emulator.code(name, 'GET', '/device/unknown/scope?moduleCode=102'),
    errorStatus: async (name) => (await emulator.of(name, 'GET', '/record/1')).status,
    scopesPerModule: async (name) => ((await failures(name)) as object[]).length,
    worker: workerOf,
    random: lockOf,
    seed: devices,
  }
  const usual = { auth: 0, devices: 0, errorStatus: 400, scopesPerModule: 0, worker: 527, seed: 2 }
  for (const [setting, value, seen, shown = value] of [
    ['auth', 'known', 13990401],
    ['devices', 'strict', 13000309],
    ['errorStatus', 'ok', 200],
    ['scopesPerModule', 1, 1],
    ['scopesPerModule', 0, 2],
    ['scopesPerModule', null, 0],
    ['worker', 65_535, 65_535],
    ['worker', 0, 0],
    ['random', 4_294_967_295, undefined],
    ['seed', 'none', 0],
    ['seed', 'bundled', 2],
    ['seed', own, 1, 'document'],
  ] as const) {
    const view = await emulator.turn('PUT', '/worlds/t1', { [setting]: value })
    t.match(view, { settings: { [setting]: shown } }, `${setting} is shown as ${shown}`)
    const probe = probes[setting]
    const [here, elsewhere] = [await probe?.('t1'), await probe?.('t2')]
    if (setting === 'random') {
      t.not(here, elsewhere)
      await emulator.turn('PUT', '/worlds/t1', { [setting]: value })
      t.equal(await lockOf('t1'), here, 'DEC-31: the same settings and requests give the same ids')
    } else {
      t.strictSame([here, elsewhere], [seen, usual[setting]], `${setting} ${JSON.stringify(value)}`)
    }
    await emulator.turn('POST', '/worlds/t1/reset')
    t.match(await emulator.turn('GET', '/worlds/t1'), { settings: { [setting]: shown } }, 'a reset keeps it')
    if (setting !== 'random') t.strictSame(await probe?.('t1'), seen)
    await emulator.turn('DELETE', '/worlds/t2')
  }
  const limited = await controlFor(t, { scopesPerModule: '1' })
  t.match(await limited.turn('PUT', '/worlds/t1', { scopesPerModule: null }), { settings: { scopesPerModule: null } })
  t.match(
    await limited.of('t1', 'POST', scopes, {
      ...scopeBody('/a'),
      scopeList: [{ localPath: '/a' }, { localPath: '/b' }],
    }),
    {
      body: { failedScopeList: [] },
    },
  )
})

t.test('--max-worlds refuses the next one, on both sides', async (t) => {
  const emulator = await controlFor(t, { maxWorlds: '2' })
  for (const name of ['a', 'b']) t.equal(await emulator.code(name, 'GET', '/device'), 0)
  const reason = 'there are 2 worlds already; delete some, or start with a larger --max-worlds'
  t.match(await emulator.of('c', 'GET', '/device'), {
    status: 503,
    headers: { 'x-emulator-reason': reason },
    body: { code: 13990503, msg: 'Too many worlds.' },
  })
  const { statusCode } = await emulator.server.inject({ method: 'PUT', url: '/worlds/c/_upload/x/1', payload: 'x' })
  t.equal(statusCode, 403, 'an upload makes none: there is nothing to upload to')
  for (const [method, path, body] of [
    ['PUT', '', {}],
    ['POST', '/reset', undefined],
    ['PUT', '/state', {}],
    ['PATCH', '/clock', {}],
    ['POST', '/tokens', { userId: 'u' }],
  ] as const) {
    await emulator.isProblem(t, [method, `/worlds/c${path}`, body], 503, reason)
  }
  for (const name of ['a', 'b', 'default']) t.equal((await emulator.ask('PUT', `/worlds/${name}`, {})).status, 200)
  t.match(await emulator.turn('GET', '/worlds'), { limit: 2, worlds: [{}, {}, {}] })
  await emulator.turn('DELETE', '/worlds/a')
  t.equal(await emulator.code('c', 'GET', '/device'), 0, 'there is room again')
})

t.test('--world-idle drops worlds that were not used for so long', async (t) => {
  const emulator = await controlFor(t, { worldIdle: 'PT1M', maxWorlds: '2' })
  for (const name of ['a', 'b', 'default']) t.equal(await emulator.code(name, 'POST', scopes, scopeBody('/x')), 0)
  const dropped = emulator.named('a')
  emulator.time.now += 60_000
  t.strictSame(await pathsIn(emulator, 'b'), ['/x'], 'at exactly one minute it is still there')
  t.equal((await emulator.ask('GET', '/worlds/a')).status, 200)
  emulator.time.now += 1
  await emulator.isProblem(t, ['GET', '/worlds/a'], 404, /^there is no world a/)
  t.strictSame(await pathsIn(emulator, 'b'), ['/x'], 'one that was used stays')
  t.equal(await emulator.code('c', 'GET', '/device'), 0, 'an idle one takes no room')
  await turnOfTheLoop()
  t.throws(() => dropped.store.dump.userIds(), /not open/)
  emulator.time.now += 60_001
  t.strictSame(await pathsIn(emulator, 'b'), [], 'used again, it is a new one')
  t.match(await emulator.turn('GET', '/worlds'), { worlds: [{ name: 'default' }, { name: 'b' }] })
  t.strictSame(await pathsIn(emulator, 'default'), ['/x'], 'the default one stays')
})

t.test('reset completeness', async (t) => {
  /** What each holder of a world holds; a holder that nobody knows fails the test. */
  const holders: Record<string, (world: World) => unknown> = {
    name: ({ name }) => name,
    own: ({ own }) => own,
    settings: ({ settings }) => settings,
    seed: ({ seed }) => seed,
    errors: ({ errors }) => errors,
    store: (world) => tablesOf(world),
    clock: ({ clock }) => [clock.state(), clock.stateNow(), clock.signingNow()],
    ids: ({ ids }) => [ids.position(), ids.hasIssued()],
    random: ({ random }) => random.state(),
    cursors: ({ cursors }) => cursors,
    snapshots: ({ snapshots }) => [...snapshots],
    createdAt: ({ createdAt, lastUsedAt, isHeld, isOver }) => [createdAt, lastUsedAt, isHeld, isOver],
    faults: ({ faults }) => faults.list(),
    notes: ({ notes }) => notes.latest.order,
    journal: ({ journal }) => [journal.entries.length, journal.dropped],
    unkindness: ({ unkindness }) => unkindness?.random.state(),
    coverage: ({ coverage }) => coverage.requests,
    seeded: ({ seeded }) => seeded,
  }
  const contentOf = (world: World) => {
    const keys = Object.keys(world)
    t.strictSame(
      keys.filter((key) => !Object.hasOwn(holders, key)),
      [],
      'every holder is known',
    )
    return Object.fromEntries(Object.entries(holders).map(([key, read]) => [key, read(world)]))
  }

  const replacements: Record<string, (emulator: Control, name: string) => Promise<unknown>> = {
    reset: (emulator, name) => emulator.turn('POST', `/worlds/${name}/reset`),
    'DELETE and use': (emulator, name) => emulator.turn('DELETE', `/worlds/${name}`),
    PUT: (emulator, name) => emulator.turn('PUT', `/worlds/${name}`, {}),
  }
  for (const [title, name, isFile] of [
    ['a world of its own', 't1', false],
    ['the default world in memory', 'default', false],
    ['the default world in a file', 'default', true],
  ] as const) {
    for (const [how, replace] of Object.entries(replacements)) {
      if (how === 'DELETE and use' && name === 'default') continue
      t.test(`${how} of ${title} leaves nothing of what was there`, async (t) => {
        const db = isFile ? join(t.testdir(), 'emulator.db') : ':memory:'
        const emulator = await controlFor(t, { db })
        const fresh = await controlFor(t)
        fresh.worlds.use(name)
        emulator.worlds.use(name)
        t.match(await emulator.turn('GET', `/worlds/${name}`), { database: isFile ? 'file' : 'memory' })
        const untouched = contentOf(fresh.named(name))
        t.strictSame(contentOf(emulator.named(name)), untouched, 'a new one is as in a new emulator')
        await fill(emulator, name)
        await emulator.turn('PATCH', `/worlds/${name}/clock`, { advance: 'PT1M', skew: '-PT1M', signing: 'state' })
        await emulator.turn('POST', `/worlds/${name}/snapshots/a`)
        await emulator.turn('POST', `/worlds/${name}/faults`, { operations: '*', effect: { type: 'latency', ms: 0 } })
        emulator.named(name).store.reserved.add(1n)
        const tables = tablesOf(emulator.named(name))
        t.strictSame(
          Object.keys(tables).filter((table) => tables[table]?.length === 0),
          [],
          'every table was filled',
        )
        const filled = contentOf(emulator.named(name))
        const kept = Object.keys(holders).filter((key) => isSame(filled[key], untouched[key]))
        t.strictSame(
          kept,
          ['name', 'own', 'settings', 'seed', 'errors', 'cursors', 'createdAt', 'unkindness', 'seeded'],
          'every holder has changed',
        )

        await replace(emulator, name)
        emulator.worlds.use(name)
        t.strictSame(contentOf(emulator.named(name)), untouched)
        t.strictSame(await emulator.state(name), await fresh.state(name))
        const here = await traffic(emulator, name, 7, 60)
        t.strictSame(here, await traffic(fresh, name, 7, 60), 'and behaves as a new one')
      })
    }
  }
})

const isSame = (one: unknown, other: unknown): boolean => {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
  return text(one) === text(other)
}

t.test('a world in a file is replaced in one transaction', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const emulator = await controlFor(t, { db })
  const before = emulator.world
  await fill(emulator, 'default')
  await emulator.turn('POST', '/worlds/default/snapshots/a')
  await emulator.code('default', 'POST', scopes, scopeBody('/later'))
  const document = await emulator.state('default')
  const tables = tablesOf(emulator.world)

  for (const [title, method, path, body] of [
    ['reset', 'POST', '/reset', undefined],
    ['PUT', 'PUT', '', { seed: 'none' }],
    ['restore', 'POST', '/snapshots/a/restore', undefined],
    ['import', 'PUT', '/state', {}],
  ] as const) {
    const { origin } = emulator.world.store
    const method2 = title === 'restore' ? 'saveClock' : 'begin'
    const real = origin[method2]
    Object.assign(origin, {
      [method2](...args: [never]) {
        real(...args)
        throw new Error('the disk is full')
      },
    })
    await emulator.isProblem(
      t,
      [method, `/worlds/default${path}`, body],
      500,
      'the emulator failed; its log has the cause',
    )
    Object.assign(origin, { [method2]: real })
    t.equal(emulator.world, before, `${title} that fails leaves the old world in its place`)
    t.strictSame(before.journal.restorations, [], 'which was not put back')
    t.equal(before.notes.lastRestored, 0)
    t.strictSame(tablesOf(emulator.world), tables, 'with all its rows')
    t.strictSame(await emulator.state('default'), document)
  }
  t.equal(await emulator.code('default', 'POST', scopes, scopeBody('/after')), 0, 'and it works on')
  await emulator.turn('POST', '/worlds/default/reset')
  const fresh = await (await controlFor(t)).state('default')
  t.strictSame(await emulator.state('default'), fresh)
  await emulator.server.close()
  emulator.worlds.close()
  const restarted = await controlFor(t, { db })
  t.strictSame(await restarted.state('default'), fresh, 'after a restart it is the new one')
})

t.test('a failure in the making of a world in memory leaves the one before', async (t) => {
  const emulator = await controlFor(t)
  await emulator.code('t1', 'POST', scopes, scopeBody('/a'))
  const before = emulator.named('t1')
  const seed = { users: { u: { records: [{ moduleCode: '102', deviceId: 'd' }] } } }
  await emulator.isProblem(t, ['PUT', '/worlds/t1', { seed }], 400, /records\/0\/deviceId is no device of this user/)
  t.throws(
    () => emulator.worlds.begin('t1', before.settings, { choice: 'document', document: seed as object }),
    /no device d/,
  )
  t.equal(emulator.named('t1'), before)
  t.strictSame(await pathsIn(emulator, 't1'), ['/a'])
})

t.test('requests in flight while a world is replaced', async (t) => {
  const replacements: Record<string, (emulator: Awaited<ReturnType<typeof listening>>, name: string) => void> = {
    reset: ({ worlds }, name) => void worlds.reset(worlds.use(name)),
    delete: ({ worlds }, name) => worlds.remove(name),
    'making it anew': ({ worlds }, name) => void worlds.begin(name),
  }

  /** Begins an upload of eleven bytes and sends but four of them. */
  async function halfSent(t: Test, emulator: Awaited<ReturnType<typeof listening>>, name: string) {
    const control = controlOver(emulator)
    const { uploadUrl } = await fill(control, name)
    const wire: Wire = await emulator.open(t)
    const world = emulator.worlds.use(name)
    const lines = [`PUT ${uploadUrl} HTTP/1.1`, 'Host: localhost', 'Content-Length: 11', '', 'half']
    await wire.send(lines.join('\r\n'))
    while (!world.isHeld) await turnOfTheLoop()
    return { wire, world, control }
  }

  for (const [how, replace] of Object.entries(replacements)) {
    t.test(`${how}: an upload that was begun is refused, and its world closed then`, async (t) => {
      const emulator = await listening(t, { logLevel: 'warn' })
      const { wire, world, control } = await halfSent(t, emulator, 't1')
      replace(emulator, 't1')
      t.equal(world.isHeld, true)
      await turnOfTheLoop()
      t.ok(tablesOf(world)['file'], 'so long, its store is open')
      const fresh = emulator.worlds.use('t1')
      t.not(fresh, world)
      const begun = await fill(control, 't1')
      const before = tablesOf(fresh)
      await wire.send('another')
      t.match(await wire.answer(), { status: 404, body: /NoSuchUpload/ }, 'nothing is acknowledged that is lost')
      while (world.isHeld) await turnOfTheLoop()
      t.throws(() => world.store.dump.userIds(), /not open/)
      t.strictSame(tablesOf(fresh), before, 'nothing of it is seen in the new one')
      t.equal((await emulator.server.inject({ method: 'PUT', url: begun.uploadUrl, payload: 'x' })).statusCode, 200)
    })
  }

  t.test('in a file, nothing is left of the old world to end on', async (t) => {
    const emulator = await listening(t, { logLevel: 'warn', db: join(t.testdir(), 'emulator.db') })
    const { wire, control } = await halfSent(t, emulator, 'default')
    emulator.worlds.reset(emulator.worlds.main)
    await fill(control, 'default')
    const before = tablesOf(emulator.worlds.main)
    await wire.send('another')
    t.match(await wire.answer(), { status: 404, body: /NoSuchUpload/ })
    t.strictSame(tablesOf(emulator.worlds.main), before, 'an upload of the same id in the new one included')
  })

  t.test('an upload that breaks off lets go of its world', async (t) => {
    const emulator = await listening(t, { logLevel: 'warn' })
    const { wire, world } = await halfSent(t, emulator, 't1')
    emulator.worlds.remove('t1')
    wire.reset()
    while (world.isHeld) await turnOfTheLoop()
    t.throws(() => world.store.dump.userIds(), /not open/)
  })

  t.test('what is still open is closed with the emulator', async (t) => {
    const emulator = await emulatorFor(t)
    const { main } = emulator.worlds
    const other = emulator.worlds.use('t1')
    emulator.worlds.close()
    for (const world of [main, other]) t.throws(() => world.store.dump.userIds(), /not open/)
  })
})

t.test('a world that somebody uses is not idle, however long that takes', async (t) => {
  const emulator = await listening(t, { logLevel: 'warn', worldIdle: 'PT1M' })
  const control = controlOver(emulator)
  const { uploadUrl } = await fill(control, 't1')
  const wire: Wire = await emulator.open(t)
  await wire.send(`PUT ${uploadUrl} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nhalf`)
  const world = control.named('t1')
  while (!world.isHeld) await turnOfTheLoop()
  emulator.time.now += 3_600_000
  t.equal(emulator.worlds.list().length, 2, 'an upload is on its way')
  await wire.send('another')
  t.match(await wire.answer(), { status: 200 })
  while (world.isHeld) await turnOfTheLoop()
  emulator.time.now += 60_000
  t.equal(emulator.worlds.find('t1'), world, 'what was acknowledged is there for a minute from then')
  for (const path of ['/state', '/requests', '/requests/count', '/review', '/clock', '/faults', '/snapshots']) {
    await control.turn('GET', `/worlds/t1${path}`)
    emulator.time.now += 60_000
    t.equal(emulator.worlds.find('t1'), world, `${path} is use`)
  }
  await control.turn('GET', '/worlds/t1')
  emulator.time.now += 1
  t.equal(emulator.worlds.find('t1'), undefined, 'to look at it is no use')
})

t.test('idle worlds go by themselves', async (t) => {
  const emulator = await controlFor(t, { worldIdle: 'PT0.01S' })
  const world = emulator.worlds.use('t1')
  emulator.time.now += 11
  while (!world.isOver) await turnOfTheLoop()
  await turnOfTheLoop()
  t.throws(() => world.store.dump.userIds(), /not open/)
})

t.test('who watches a name hears every world that bears it, and keeps it in use', async (t) => {
  const emulator = await listening(t, { logLevel: 'warn', worldIdle: 'PT1M' })
  const control = controlOver(emulator)
  await control.isProblem(t, ['GET', '/worlds/typo/requests/stream'], 404, /^there is no world typo/)
  t.equal(emulator.worlds.find('typo'), undefined, 'to ask makes none')
  await control.turn('PUT', '/worlds/t1', {})
  t.match(await control.ask('HEAD', '/worlds/t1/requests/stream'), {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: undefined,
  })
  const url = `http://127.0.0.1:${emulator.port}/_emulator/worlds/t1/requests/stream`
  const [stream] = await once(http.get(url, { agent: false }), 'response')
  const heard: string[] = []
  const forget = emulator.worlds.watch('t1', ({ path }) => heard.push(path.slice(-2)))
  let sent = 0
  const isHeard = async (title: string) => {
    sent += 1
    await control.of('t1', 'GET', `/device?n=${sent}`)
    await readUntil(stream, (text) => text.includes(`/device?n=${sent}"`))
    t.equal(heard.at(-1), `=${sent}`, title)
  }
  await isHeard('at first')
  const document = await control.state('t1')
  await control.turn('POST', '/worlds/t1/snapshots/a')
  for (const [method, path, body] of [
    ['POST', '/reset', undefined],
    ['PUT', '', {}],
    ['PUT', '/state', document],
    ['POST', '/snapshots/a', undefined],
    ['POST', '/snapshots/a/restore', undefined],
    ['DELETE', '', undefined],
  ] as const) {
    t.ok((await control.ask(method, `/worlds/t1${path}`, body)).status < 300)
    await isHeard(`after ${method} ${path}`)
  }
  emulator.time.now += 3_600_000
  t.ok(emulator.worlds.find('t1'), 'a world that is watched is in use')
  forget()
  forget()
  stream.destroy()
  while (emulator.worlds.find('t1')) {
    await turnOfTheLoop()
    emulator.time.now += 60_001
  }
  t.strictSame(emulator.worlds.list(), [emulator.worlds.main], 'and goes when nobody watches any more')
})

t.test('an upload under way is refused once its world has become another, and may be sent again', async (t) => {
  const document = { users: {} }
  for (const [how, path, body, status] of [
    ['POST', '/snapshots/a/restore', undefined, 200],
    ['PUT', '/state', 'its own', 200],
    ['PUT', '/state', document, 404],
  ] as const) {
    for (const name of ['t1', 'default']) {
      const db = join(t.testdir(), `${how}-${status}-${name}.db`)
      const emulator = await listening(t, { logLevel: 'warn', db })
      const control = controlOver(emulator)
      const { uploadUrl } = await fill(control, name)
      await control.turn('POST', `/worlds/${name}/snapshots/a`)
      const wire = await emulator.open(t)
      await wire.send(`PUT ${uploadUrl} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nhalf`)
      while (!control.named(name).isHeld) await turnOfTheLoop()
      const content = body === 'its own' ? await control.state(name) : body
      t.equal((await control.ask(how, `/worlds/${name}${path}`, content)).status, 200)
      await wire.send('another')
      t.match(await wire.answer(), { status: 404, body: /NoSuchUpload/ }, `${how} ${path} of ${name}`)
      const again = await emulator.server.inject({ method: 'PUT', url: uploadUrl, payload: 'half-another' })
      t.equal(again.statusCode, status, 'where it is announced, it is taken')
    }
  }
})

t.test('the default world in a file keeps its own settings and seed over a restart', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const restarted = async (texts = {}) => {
    const emulator = await controlFor(t, { db, ...texts })
    return {
      emulator,
      settings: Object((await emulator.turn('GET', '/worlds/default'))['settings']),
      async stop() {
        await emulator.server.close()
        emulator.worlds.close()
      },
    }
  }
  const own = { auth: 'known', devices: 'strict', scopesPerModule: null, worker: 9, random: 5, unkind: { seed: 3 } }
  const seed = { users: { u: { devices: [{ deviceId: 'own', machineCode: 'm' }] } } }
  const first = await restarted({ scopesPerModule: '4' })
  t.match(first.settings, { auth: 'any', seed: 'bundled', scopesPerModule: 4 })
  await first.emulator.turn('PUT', '/worlds/default', { ...own, seed })
  await first.stop()

  const second = await restarted()
  t.match(second.settings, { ...own, errorStatus: 'http', seed: 'document' }, 'they win over the defaults')
  const question = { method: 'GET', path: `${basePath}/device`, headers: second.emulator.headers() }
  t.match(await second.emulator.turn('POST', '/worlds/default/explain', question), { check: 'Authorization' })
  await second.stop()

  const third = await restarted({ auth: 'any', errorStatus: 'ok', scopesPerModule: '4' })
  t.match(third.settings, { ...own, auth: 'any', errorStatus: 'ok', scopesPerModule: 4 }, 'what is given now wins')
  await third.emulator.turn('PUT', '/worlds/default/state', {})
  await third.stop()

  const fourth = await restarted()
  t.match(fourth.settings, { ...own, seed: 'document' }, 'for as long as it is given, whatever came in between')
  t.strictSame((await fourth.emulator.state('default')).users, undefined)
  await fourth.emulator.turn('POST', '/worlds/default/reset')
  t.match((await fourth.emulator.state('default')).users, seed.users, 'its own seed is planted again')
  await fourth.emulator.turn('PUT', '/worlds/default', {})
  t.match(await fourth.emulator.turn('GET', '/worlds/default'), { settings: { auth: 'any', seed: 'bundled' } })
  await fourth.stop()
  const fifth = await restarted({ seed: 'none' })
  t.match(fifth.settings, { auth: 'any', devices: 'adopt', seed: 'none' }, 'made anew, it has none of its own')
  t.ok((await fifth.emulator.state('default')).users, 'a seed that is given now is not planted yet')
  await fifth.emulator.turn('POST', '/worlds/default/reset')
  t.strictSame((await fifth.emulator.state('default')).users, undefined)
})

t.test('snapshots are bounded, in number and in bytes', async (t) => {
  const emulator = await controlFor(t)
  const path = (label: number | string) => `/worlds/t1/snapshots/${label}`
  for (let label = 1; label <= 100; label += 1) await emulator.turn('POST', path(label))
  const full = 'the world t1 has 100 snapshots already; delete some'
  await emulator.isProblem(t, ['POST', path(101)], 409, full)
  t.equal((await emulator.ask('POST', path(100))).status, 201, 'one may take the place of another')
  t.equal((await emulator.ask('DELETE', path(1))).status, 204)
  t.equal((await emulator.ask('POST', path(101))).status, 201)
  const { snapshots } = emulator.named('t1')
  const real = snapshots.get('2')
  if (real === undefined) throw new Error('no snapshot')
  snapshots.clear()
  const most = 512 * 1024 * 1024
  const filling = (bytes: number) =>
    emulator.named('t1').snapshots.set('large', { ...real, image: { length: bytes } as Buffer }) // only its length counts
  filling(most - 2 * real.image.length)
  t.equal((await emulator.ask('POST', '/worlds/t2/snapshots/a')).status, 201)
  t.equal((await emulator.ask('POST', '/worlds/t2/snapshots/a')).status, 201, 'in its own place')
  t.equal((await emulator.ask('POST', '/worlds/t2/snapshots/b')).status, 201, 'exactly as much as there may be')
  await emulator.isProblem(t, ['POST', '/worlds/t3/snapshots/a'], 507, /^all snapshots together would take more than/)
  t.strictSame(await emulator.turn('GET', '/worlds/t3/snapshots'), { snapshots: [] })
  await emulator.turn('DELETE', '/worlds/t1')
  t.equal((await emulator.ask('POST', '/worlds/t3/snapshots/a')).status, 201, 'of all worlds together')
})

t.test('no snapshot is labelled with what stands for the world as it is', async (t) => {
  const emulator = await controlFor(t)
  const detail = 'path/label is now, which stands for the world as it is; give it another, such as before'
  await emulator.isProblem(t, ['POST', '/worlds/t1/snapshots/now'], 400, detail)
  t.equal((await emulator.ask('GET', '/worlds/t1')).status, 404, 'and no world is made for it')
  const embedded = await startEmulator()
  t.teardown(() => embedded.close())
  t.throws(() => embedded.world('t1').snapshot('now'), { status: 400, message: detail })
  t.equal((await emulator.ask('POST', '/worlds/t1/snapshots/Now')).status, 201)
})

t.test('a world is made by a request that is let in, and by no other', async (t) => {
  const seed = t.testdir({ 'seed.json': JSON.stringify({ tokens: [{ token: 'of-the-seed', userId: exampleUser }] }) })
  const emulator = await controlFor(t, { auth: 'known', seed: `${seed}/seed.json`, maxWorlds: '1' })
  const of = (name: string, headers: Record<string, string>, path = '/device') =>
    emulator.of(name, 'GET', path, undefined, headers)
  const good = { authorization: 'Bearer of-the-seed' }
  for (const [title, path, headers, code] of [
    ['without a token', '/device', { authorization: '' }, 13990401],
    ['with another token', '/device', { authorization: 'Bearer other' }, 13990401],
    ['for another user', '/device', { ...good, 'x-user-id': 'u' }, 13990401],
    ['with an old date', '/device', { ...good, 'x-date': '20200101T000000Z' }, 13000102],
    ['to nothing', '/nothing', good, 13000101],
  ] as const) {
    t.match((await of('made', headers, path)).body, { code }, title)
    t.equal((await emulator.ask('GET', '/worlds/made')).status, 404, title)
  }
  t.match(await emulator.ask('GET', '/worlds/made/requests/stream'), { status: 404 })
  t.match((await of('made', good, '/device/d/scope')).body, { code: 13000102 }, 'what its contract refuses was let in')
  t.equal((await emulator.ask('GET', '/worlds/made')).status, 200)
  t.match(
    (await of('more', {}, '/device')).body,
    { code: 13990401 },
    'who may not have one need not know that there is no room',
  )
  t.match((await of('more', good, '/device')).body, { code: 13990503 })
  const { requests } = Object((await emulator.ask('GET', '/worlds/default/requests')).body)
  t.same(
    requests.map(({ path }: { path: string }) => path.split('/')[2]),
    ['made', 'made', 'made', 'made', 'made', 'more', 'more'],
    'what made none is in the journal of the default world',
  )
})

t.test(
  'a world begins as a copy of another: its rows, clocks, ids and credentials, and nothing that acted on it',
  async (t) => {
    for (const file of [false, true]) {
      const db = file ? join(t.testdir(), 'emulator.db') : ':memory:'
      const emulator = await controlFor(t, { db })
      await emulator.turn('PUT', '/worlds/base', { worker: 7, scopesPerModule: 50 })
      await fill(emulator, 'base')
      await emulator.turn('POST', '/worlds/base/snapshots/before')
      await emulator.turn('PATCH', '/worlds/base/clock', { advance: 'PT1H', skew: 'PT1M' })
      await emulator.code('base', 'POST', '/device/later/scope', scopeBody('/later'))
      await emulator.turn('POST', '/worlds/base/faults', { operations: '*', effect: { type: 'latency', ms: 0 } })
      const base = emulator.named('base')
      const tables = tablesOf(base)
      for (const [name, from, at] of [
        ['t1', 'base', 3_600_000],
        ['default', { world: 'base' }, 3_600_000],
        ['base', 'base', 3_600_000],
        ['t2', { world: 't1' }, 3_600_000],
      ] as const) {
        await emulator.turn('PUT', `/worlds/${name}`, { from })
        const { world: row, ...others } = tablesOf(emulator.named(name))
        const { world: own, ...expected } = tables
        t.strictSame(others, expected, name)
        t.match(
          row,
          own?.map((one) => ({ ...Object(one), clock: String })),
        )
        const { snapshots, faults, journal, settings } = emulator.named(name)
        t.strictSame([snapshots.size, faults.list(), journal.entries], [0, [], []])
        t.match(settings, { worker: 7, scopesPerModule: 50 })
        t.equal(emulator.named(name).clock.stateNow(), noon + at)
        t.equal(emulator.named(name).clock.signingNow(), noon + 60_000)
      }
      const expected = await traffic(emulator, 't1', 7, 40)
      t.strictSame(await traffic(emulator, 't2', 7, 40), expected, 'the copy of a copy does as the copy does')
      t.strictSame(await traffic(emulator, 'default', 7, 40), expected)
    }
  },
)

t.test('a world is copied as a snapshot has it, and with other settings', async (t) => {
  const emulator = await controlFor(t)
  await emulator.code('base', 'POST', scopes, scopeBody('/before'))
  await emulator.turn('PATCH', '/worlds/base/clock', { now: '2030-01-01T00:00:00Z', frozen: true })
  await emulator.turn('POST', '/worlds/base/snapshots/a')
  await emulator.code('base', 'POST', scopes, scopeBody('/after'))
  const from = { world: 'base', snapshot: 'a' }
  t.equal((await emulator.ask('PUT', '/worlds/t1', { from, devices: 'strict', random: 9, worker: 3 })).status, 201)
  t.equal((await emulator.ask('PUT', '/worlds/t2', { from, random: 9, unkind: { seed: 1 } })).status, 201)
  t.equal((await emulator.ask('PUT', '/worlds/t3', { from })).status, 201)
  t.strictSame(await pathsIn(emulator, 't1'), ['/before'])
  t.match(await emulator.turn('GET', '/worlds/t1'), {
    settings: { devices: 'strict', random: 9, worker: 3, auth: 'any' },
  })
  t.match(await emulator.turn('GET', '/worlds/t1/clock'), { now: '2030-01-01T00:00:00.000Z', frozen: true })
  t.ok(emulator.named('t2').unkindness)
  const lockIn = async (name: string) =>
    Object(Object((await emulator.of(name, 'POST', '/lock', { moduleCode: '102' })).body)['data'])['lockId']
  const [one, two, three] = [await lockIn('t1'), await lockIn('t3'), await lockIn('base')]
  t.notSame(one, two, 'another random, another generator')
  t.equal(two, three)
  const ids = (await emulator.of('t1', 'POST', scopes, scopeBody('/x'))).body
  t.match(ids, { code: 0 })
  t.equal((BigInt(Object(ids)['scopeList'][0].scopeId) >> 7n) & 65_535n, 3n, 'and another worker, ids of its own')
  await emulator.turn('POST', '/worlds/t1/reset')
  t.match(await emulator.turn('GET', '/worlds/t1'), { settings: { devices: 'strict', seed: 'bundled' } })
  for (const [body, status, detail] of [
    [{ from: 'none' }, 404, /^there is no world none/],
    [{ from: { world: 'base', snapshot: 'b' } }, 404, 'the world base has no snapshot b'],
    [{ from: 'base', seed: 'none' }, 400, 'body/seed is that of the copied world; give from or seed'],
    [{ from: 'a b' }, 400, /^body\/from is a string of 3/],
    [{ from: { snapshot: 'a' } }, 400, /^body\/from\/world is missing/],
  ] as const) {
    await emulator.isProblem(t, ['PUT', '/worlds/t9', body], status, detail)
  }
  t.equal(emulator.worlds.find('t9'), undefined)
})

t.test('a copy of a world has all of its rows, and whoever writes to it writes to nobody else', async (t) => {
  const emulator = await controlFor(t)
  for (let call = 0; call < 10; call += 1) {
    const scopeList = Array.from({ length: 100 }, (_, item) => ({
      localPath: `/${call}/${item}`,
      targetFolderPath: '',
    }))
    t.equal(await emulator.code('base', 'POST', scopes, { moduleCode: '102', scopeList }), 0)
  }
  await emulator.turn('PUT', '/worlds/t0', { from: 'base' })
  t.equal((await pathsIn(emulator, 't0'))[999], '/9/99')
  const scopeList = [{ localPath: '/more', targetFolderPath: '' }]
  t.equal(await emulator.code('t0', 'POST', scopes, { moduleCode: '102', scopeList }), 0)
  t.equal((await pathsIn(emulator, 'base')).length, 1000)
})
