import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { largestArchive } from '../schemas/archive.ts'
import { basePath } from '../schemas/common.ts'
import { Park } from '../src/archive/park.ts'
import { nameIn, namesOf } from '../src/archive/park-names.ts'
import { startEmulator } from '../src/index.ts'
import { makeFolder, removeEmptyFolders } from '../src/process/folders.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, fill, tablesOf, traffic } from './fixtures/control.ts'
import { emulatorFor, noon } from './fixtures/emulator.ts'
import { onPosix, startProcess } from './fixtures/process.ts'
import { call } from './fixtures/wire.ts'

const scopes = '/device/1842812272691451648/scope'
const scopeBody = (path: string) => ({ moduleCode: '102', scopeList: [{ localPath: path, targetFolderPath: '' }] })

async function pathsIn(emulator: Control, name: string): Promise<unknown> {
  const { body } = await emulator.of(name, 'GET', `${scopes}?moduleCode=102`)
  return body?.['code'] === 0
    ? Object(body)['scopeList'].map(({ localPath }: { localPath: string }) => localPath)
    : body
}

const write = (emulator: Control, name: string, path: string) => emulator.code(name, 'POST', scopes, scopeBody(path))

const shard = (t: Test, park: string, texts: SettingTexts = {}) => controlFor(t, { park, ...texts })

const files = (folder: string) => readdirSync(folder).toSorted()

t.test('at its end an emulator parks its worlds, and they go on wherever they are used next', async (t) => {
  const park = join(t.testdir(), 'deep', 'park')
  const first = await shard(t, park)
  await fill(first, 't1')
  await first.turn('PATCH', '/worlds/t1/clock', { advance: 'PT1H' })
  await first.turn('POST', '/worlds/t1/snapshots/a')
  await first.turn('POST', '/worlds/t1/faults', {
    operations: '*',
    effect: { type: 'refuse', error: 'throttled' },
    when: { every: 3 },
  })
  await first.of('t1', 'GET', '/device')
  const [tables, seen] = [tablesOf(first.named('t1')), await first.turn('GET', '/worlds/t1/requests')]
  const control = await controlFor(t)
  await first.close()
  t.strictSame(files(park), ['t1.kwa'])
  t.equal(statSync(join(park, 't1.kwa')).mode & 0o777, 0o600, 'for nobody else to read: secrets are in it')

  const second = await shard(t, park)
  second.time.now += 60_000
  t.match(await second.turn('GET', '/worlds'), { worlds: [{ name: 'default' }], parked: 1 })
  t.match(
    await second.turn('GET', '/worlds/t1/clock'),
    { now: new Date(noon + 3_660_000).toISOString() },
    'time went on',
  )
  t.strictSame(files(park), [])
  const { world: row, ...others } = tablesOf(second.named('t1'))
  const { world: _, ...before } = tables
  t.strictSame(others, before, 'tokens, apps and open uploads, too')
  t.match(row, [{ last_millis: Object(tables['world']?.[0]).last_millis }])
  const now = await second.turn('GET', '/worlds/t1/requests')
  t.match(now, { dropped: seen['dropped'] })
  t.equal(Object(now)['requests'].length, Object(seen)['requests'].length)
  t.equal(await second.code('t1', 'GET', '/device'), 0, 'the second that a fault counts')
  t.equal(await second.code('t1', 'GET', '/device'), 13990429, 'and the third, in which it fires')
  t.match(await second.turn('GET', '/worlds/t1/snapshots'), { snapshots: [{ label: 'a' }] })
  t.match(second.worlds.tally, { begun: { unparked: 1 } })
  t.equal((await control.turn('GET', '/worlds'))['parked'], undefined, 'where nothing is parked, nothing is said of it')
})

t.test('links live over parking, and an upload that was begun is completed elsewhere', async (t) => {
  const park = t.testdir()
  const first = await shard(t, park)
  const { uploadUrl } = await fill(first, 't1')
  await first.close()
  const second = await shard(t, park)
  const answer = await second.server.inject({ method: 'PUT', url: uploadUrl, payload: 'content' })
  t.equal(answer.statusCode, 200)
})

t.test('parked worlds do what they would have done: the same traffic is answered the same', async (t) => {
  const park = t.testdir()
  const [first, other] = [await shard(t, park), await controlFor(t)]
  for (const emulator of [first, other]) await traffic(emulator, 'T.1_x', 3, 60)
  await first.close()
  t.strictSame(files(park), ['~t.1_x.kwa'], 'written so that no file system takes it for another')
  const second = await shard(t, park)
  t.strictSame(await traffic(second, 'T.1_x', 7, 60), await traffic(other, 'T.1_x', 7, 60))
})

t.test('each name has a file of its own, and is found in it again', async (t) => {
  for (const name of ['a', 'A', 'aA', '.a', 'a.kwa', '~'.repeat(0) + 'x'.repeat(64), 'CON', 'a-b_c.d']) {
    const { parked, ...others } = namesOf(name)
    t.equal(nameIn(parked), name)
    for (const file of Object.values(others)) t.equal(nameIn(file), undefined, file)
    t.equal(parked, parked.toLowerCase())
  }
})

t.test('of several processes that share a folder, one has a world', async (t) => {
  const park = t.testdir()
  const first = await shard(t, park)
  const names = Array.from({ length: 40 }, (_, index) => `w${index}`)
  for (const name of names) await write(first, name, '/first')
  await first.close()
  const shards = [await shard(t, park), await shard(t, park)]
  const found = await Promise.all(names.map((name) => Promise.all(shards.map((one) => pathsIn(one, name)))))
  for (const both of found) t.strictSame(both.filter((paths) => Object(paths).length === 1).length, 1)
})

t.test('two that had a world each keep both, and nobody is answered before somebody chose', async (t) => {
  const unclear = /^the world t1 was parked twice, by two processes; PUT or DELETE it, or leave one file/
  const choices: Record<string, (emulator: Control, park: string) => Promise<unknown>> = {
    PUT: (emulator) => emulator.turn('PUT', '/worlds/t1', {}),
    DELETE: (emulator) => emulator.turn('DELETE', '/worlds/t1'),
    state: (emulator) => emulator.turn('PUT', '/worlds/t1/state', {}),
    fork: (emulator) => emulator.turn('PUT', '/worlds/t1', { from: 'default' }),
    archive: async ({ server }) => {
      const { rawPayload: payload } = await server.inject('/_emulator/worlds/default/archive')
      return server.inject({ method: 'PUT', url: '/_emulator/worlds/t1/archive', payload })
    },
    'leaving one file': async (_, park) => renameSync(join(park, 't1.kwa~beside'), join(park, 't1.kwa')),
  }
  for (const [how, choose] of Object.entries(choices)) {
    const park = join(t.testdir(), how.replaceAll(' ', ''))
    const shards = [await shard(t, park), await shard(t, park), await shard(t, park)]
    for (const [index, one] of shards.entries()) await write(one, 't1', `/of-${index}`)
    for (const one of shards) await one.close()
    t.match(files(park), ['t1.kwa', 't1.kwa~beside', /^t1\.kwa~beside\.[0-9a-f-]{36}$/])
    t.match(shards[1]?.logLines.join(), /another process has parked this world; both are kept/)
    const next = await shard(t, park)
    const answer = await next.of('t1', 'GET', '/device')
    t.match(answer, { status: 503, body: { code: 13990504 }, headers: { 'x-emulator-reason': unclear } })
    const upload = await next.server.inject({ method: 'PUT', url: '/worlds/t1/_upload/x/1', payload: 'x' })
    t.match(upload, { statusCode: 503, body: /<Code>SlowDown</, headers: { 'x-emulator-reason': unclear } })
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['POST', '/reset', undefined],
      ['PATCH', '/clock', {}],
      ['GET', '/requests', undefined],
    ] as const) {
      await next.isProblem(t, [method, `/worlds/t1${path}`, body], 503, unclear)
    }
    await choose(next, park)
    const expected = how === 'leaving one file' ? ['/of-1'] : []
    t.strictSame(await pathsIn(next, 't1'), expected, how)
    await next.close()
    t.match(files(park), how === 'leaving one file' ? ['t1.kwa', /beside/] : ['t1.kwa'])
  }
})

t.test('what is parked and cannot be read is never answered by an empty world', async (t) => {
  const park = t.testdir()
  const first = await shard(t, park)
  await write(first, 't1', '/a')
  await first.close()
  writeFileSync(join(park, 't1.kwa'), 'torn')
  const second = await shard(t, park)
  const reason = /^the world t1 is parked and cannot be taken up, the log says why; PUT or DELETE it/
  for (let again = 0; again < 2; again += 1) {
    t.match(await second.of('t1', 'GET', '/device'), { status: 503, headers: { 'x-emulator-reason': reason } })
  }
  t.match(second.logLines, [/the archive ends within its first line/])
  t.match(await (await shard(t, park)).of('t1', 'GET', '/device'), { status: 503 }, 'nor by another process')
  await second.turn('DELETE', '/worlds/t1')
  t.strictSame(await pathsIn(second, 't1'), [])
  mkdirSync(join(park, 't2.kwa~taken'))
  mkdirSync(join(park, 't2.kwa~taken', 'x'))
  writeFileSync(join(park, 't2.kwa'), 'x')
  t.match(await second.of('t2', 'GET', '/device'), { status: 503 })
  rmSync(join(park, 't2.kwa~taken'), { recursive: true })
  rmSync(join(park, 't2.kwa'))
  mkdirSync(join(park, 't3.kwa'))
  t.equal((await second.ask('DELETE', '/worlds/t3')).status, 500, 'what cannot be taken away is said')
  rmSync(join(park, 't3.kwa~taken'), { recursive: true })
  t.strictSame(await pathsIn(second, 't2'), [])
})

t.test('what cannot be taken up after all stays where it is kept', async (t) => {
  const folder = t.testdir()
  const first = await shard(t, folder)
  await write(first, 't1', '/a')
  await first.close()
  const told: string[] = []
  const log = { error: (_: object, message: string) => void told.push(message) }
  const park = new Park({ folder, keepMillis: Number.POSITIVE_INFINITY, wallClock: () => noon, log })
  const failing = () => {
    throw new Error('no memory')
  }
  t.equal(park.take('t1', failing), undefined)
  t.strictSame(told, ['a parked world cannot be taken up'])
  t.match(park.obstacle('t1'), /cannot be taken up/)
  t.match(files(folder), ['t1.kwa~taken'])
})

t.test('what the system does not let be read goes back, and is taken up once it does', onPosix(), async (t) => {
  const folder = t.testdir()
  const first = await shard(t, folder)
  await write(first, 't1', '/a')
  await first.close()
  const second = await shard(t, folder)
  renameSync(join(folder, 't1.kwa'), join(folder, 'elsewhere'))
  symlinkSync('away', join(folder, 't1.kwa'))
  for (let again = 0; again < 2; again += 1) t.match(await second.of('t1', 'GET', '/device'), { status: 503 })
  t.strictSame(files(folder), ['elsewhere', 't1.kwa'])
  t.match(second.logLines, [/ENOENT/])
  renameSync(join(folder, 'elsewhere'), join(folder, 'away'))
  t.strictSame(await pathsIn(second, 't1'), ['/a'])
})

t.test('metrics are answered while nobody can look into the folder', async (t) => {
  const folder = join(t.testdir(), 'park')
  const emulator = await shard(t, folder)
  rmSync(folder, { recursive: true })
  const { statusCode, body } = await emulator.server.inject('/_emulator/metrics')
  t.equal(statusCode, 200)
  t.match(body, /^koodrive_emulator_worlds_parked NaN$/m)
})

t.test('a folder that cannot be one is not used, and what was made for it goes again', (t) => {
  const folder = t.testdir({ loop: t.fixture('symlink', 'loop') })
  t.throws(() => makeFolder(join(folder, 'loop', 'a')), { code: 'ELOOP' })
  const made = makeFolder(join(folder, 'a', 'b'))
  t.same(made, [join(folder, 'a', 'b'), join(folder, 'a')])
  removeEmptyFolders(made)
  t.same(files(folder), ['loop'])
  const options = { keepMillis: 1, wallClock: () => noon, log: { error: () => undefined } }
  if (existsSync('/proc/self'))
    t.throws(() => new Park({ ...options, folder: '/proc/self' }), 'nothing can be put there')
  t.end()
})

t.test('worlds that nobody uses are parked rather than dropped, and taken up again', async (t) => {
  const park = t.testdir()
  const emulator = await shard(t, park, { worldIdle: 'PT1M' })
  await write(emulator, 'a', '/a')
  emulator.time.now += 60_001
  t.match(await emulator.turn('GET', '/worlds'), { worlds: [{ name: 'default' }, { name: 'a' }], parked: 0 })
  emulator.worlds.sweep()
  t.match(await emulator.turn('GET', '/worlds'), { worlds: [{ name: 'default' }], parked: 1 })
  t.strictSame(files(park), ['a.kwa'])
  t.strictSame(await pathsIn(emulator, 'a'), ['/a'])
  t.strictSame(files(park), [])
  emulator.time.now += 60_001
  t.strictSame(await pathsIn(emulator, 'a'), ['/a'], 'one that nobody came to park is used as it is')
  t.match(emulator.worlds.tally.ended, { parked: 1, idle: 0 })
})

t.test('where there are as many worlds as may be, the one is parked that was not used for longest', async (t) => {
  const park = t.testdir()
  const emulator = await shard(t, park, { maxWorlds: '2' })
  for (const name of ['a', 'b', 'a', 'c', 'b']) {
    emulator.time.now += 1000
    await write(emulator, name, `/${emulator.time.now - noon}`)
  }
  t.strictSame(files(park), ['a.kwa'])
  t.strictSame(await pathsIn(emulator, 'a'), ['/1000', '/3000'])
  for (const name of ['a', 'b']) emulator.worlds.watch(name, () => undefined)
  t.strictSame(await pathsIn(emulator, 'b'), ['/2000', '/5000'])
  t.match(
    await emulator.of('d', 'GET', '/device'),
    { status: 503, body: { code: 13990503 } },
    'those that are used stay',
  )
})

t.test(
  'a question parks nothing, and drops nothing: only a world that is made takes the place of another',
  async (t) => {
    const park = t.testdir()
    const idle = { worldIdle: 'PT1M', maxWorlds: '2', worldsPerGroup: '1' }
    for (const emulator of [await shard(t, park, idle), await controlFor(t, idle)]) {
      const { worlds } = emulator
      for (const name of ['a', 'b']) await write(emulator, name, '/x')
      emulator.time.now += 60_001
      const [first, second] = ['a', 'b'].map((name) => worlds.bearer(name))
      for (const path of ['/worlds/typo', '/worlds/a.2', '/worlds', '/metrics', '/coverage'])
        await emulator.ask('GET', path)
      const { statusCode } = await emulator.server.inject({ method: 'PUT', url: '/worlds/c/_upload/x/1', payload: 'x' })
      t.equal(statusCode, 403)
      t.equal((await emulator.of('c', 'GET', '/device', undefined, { authorization: '' })).status, 401)
      const asked = { method: 'GET', path: `/worlds/c${basePath}/device`, headers: emulator.headers() }
      t.match(await emulator.turn('POST', '/worlds/default/explain', asked), { accepted: true })
      t.match([worlds.bearer('a'), worlds.bearer('b')], [first, second])
      t.notOk(first?.isOver || second?.isOver)
      t.match(worlds.tally.ended, { parked: 0, idle: 0 })
      t.equal(await emulator.code('c', 'GET', '/device'), 0)
      t.ok(first?.isOver)
    }
  },
)

t.test('a world that is dropped, or replaced, while it is parked ends as one in memory does', async (t) => {
  const ends: Record<string, readonly [method: string, path: string, body?: unknown]> = {
    deleted: ['DELETE', '/worlds/g.a'],
    'deleted with its group': ['DELETE', '/worlds?group=g'],
    replaced: ['PUT', '/worlds/g.a', {}],
    copied: ['PUT', '/worlds/g.a', { from: 'default' }],
  }
  for (const [how, [method, path, body]] of Object.entries(ends)) {
    const park = join(t.testdir(), how.replaceAll(' ', ''))
    const first = await shard(t, park, { worldIdle: 'PT1M' })
    await write(first, 'g.a', '/x')
    first.time.now += 60_001
    first.worlds.sweep()
    t.strictSame(files(park), ['g.a.kwa'])
    const told: unknown[] = []
    first.worlds.ended.add(({ name, journal }) => told.push([name, journal.entries.length]))
    const { stream } = first.plane.events.read({ world: ['g.a'] }, undefined)
    await first.turn(method, path, body)
    t.strictSame(told, [['g.a', 1]], `${how}: with its journal`)
    const isDeleted = method === 'DELETE'
    t.match(String(stream.read()), isDeleted ? /"change":"dropped"/ : /"change":"(reset|forked)"/)
    t.match(first.worlds.tally.ended, isDeleted ? { deleted: 1 } : { replaced: 1 })
    t.equal(first.worlds.coverage().state().requests, 1, 'and with what it met of the contract')
    t.equal(files(park).includes('g.a.kwa'), false)
    stream.destroy()
  }
  const park = t.testdir()
  const first = await shard(t, park, { maxWorlds: '1' })
  for (const name of ['a', 'b']) await write(first, name, '/x')
  const b = first.named('b')
  await first.turn('DELETE', '/worlds/a')
  t.notOk(b.isOver, 'to end it takes nobody’s room')
})

t.test('to tell of a world that was parked does not take it up', async (t) => {
  const park = t.testdir()
  const emulator = await shard(t, park, { maxWorlds: '1' })
  await emulator.turn('POST', '/worlds/a/faults', { operations: '*', effect: { type: 'refuse', error: 'throttled' } })
  const { stream } = emulator.plane.events.read({}, undefined)
  t.equal((await emulator.of('a', 'GET', '/device')).status, 429)
  t.equal((await emulator.of('b', 'GET', '/device')).status, 200, 'there is room for it')
  t.strictSame(files(park), ['a.kwa'])
  const told = String(stream.read())
  t.match(told, /"world":"a","generation":\d+,"entries":\[{.*"skipped":0/, 'what it had done is told first')
  t.match(told, /"name":"a","change":"parked"/)
  stream.destroy()
})

t.test('a world that was dropped, or begun anew, is not parked any more', async (t) => {
  const park = t.testdir()
  const first = await shard(t, park)
  for (const name of ['a', 'b']) await write(first, name, '/x')
  await first.close()
  const second = await shard(t, park)
  t.equal((await second.ask('DELETE', '/worlds/a')).status, 204)
  await second.isProblem(t, ['DELETE', '/worlds/a'], 404, /^there is no world a/)
  await second.turn('PUT', '/worlds/b', {})
  t.strictSame(files(park), [])
  t.strictSame(await pathsIn(second, 'b'), [])
})

t.test('--park-keep removes what was parked for too long, and what a killed process left half written', async (t) => {
  const park = t.testdir()
  const first = await shard(t, park)
  for (const name of ['old', 'new']) await write(first, name, '/x')
  await first.close()
  const { part } = namesOf('torn')
  const { part: growing } = namesOf('growing')
  for (const file of [part, growing, 'readme']) writeFileSync(join(park, file), '')
  mkdirSync(join(park, 'folder.kwa'))
  const at = (millis: number) => new Date(noon + millis)
  for (const [file, age] of [
    ['old.kwa', 86_400_001],
    ['new.kwa', 86_400_000],
    [part, 3_600_001],
    [growing, 3_600_000],
    ['readme', 1e10],
    ['folder.kwa', 1e10],
  ] as const) {
    utimesSync(join(park, file), at(-age), at(-age))
  }
  const forEver = await shard(t, park)
  t.strictSame(files(park), [growing, 'folder.kwa', 'new.kwa', 'old.kwa', 'readme'].toSorted())
  const second = await shard(t, park, { parkKeep: 'P1D' })
  t.strictSame(files(park), [growing, 'folder.kwa', 'new.kwa', 'readme'].toSorted(), 'what is not ours stays')
  t.strictSame(second.worlds.parked, ['new'], 'nor is it taken for a world')
  t.equal(second.worlds.tally.ended.expired, 1)
  t.equal(forEver.worlds.tally.ended.expired, 0)
})

t.test('a world that cannot be parked stays, and the log says why', async (t) => {
  const park = join(t.testdir(), 'park')
  const emulator = await shard(t, park, { worldIdle: 'PT1M', maxWorlds: '1' })
  await write(emulator, 'a', '/a')
  rmSync(park, { recursive: true })
  emulator.time.now += 60_001
  emulator.worlds.sweep()
  t.match(emulator.logLines, [/"world":"a".*a world cannot be parked/, /cannot be looked through/])
  t.strictSame(await pathsIn(emulator, 'a'), ['/a'])
  t.match(
    await emulator.of('b', 'GET', '/device'),
    { status: 503, body: { code: 13990503 } },
    'and nobody has its room',
  )
  await emulator.close()
  t.equal(emulator.logLines.length, 4)
  t.notOk(existsSync(park))
})

t.test('an end at which a world cannot be parked is no success', onPosix(), async (t) => {
  const park = join(t.testdir(), 'park')
  const loss = 'worlds that could not be parked are lost: a, b; the log says why'
  const lose = async (url: string, end: () => Promise<unknown>) => {
    for (const name of ['a', 'b']) await call(`${url}/worlds/${name}`, 'POST', 'scope', scopeBody('/x'))
    rmSync(park, { recursive: true })
    return end()
  }
  const run = await startProcess(t, ['--db', ':memory:', '--park', park], { counted: true })
  t.strictSame(await lose(run.url, () => run.stop('SIGHUP')), { code: 74, signal: null })
  t.match(
    run.lines().filter(({ level }) => level === 50),
    [{ world: 'a', msg: 'a world cannot be parked' }, { world: 'b' }],
  )
  t.ok(run.stderr().endsWith(`koodrive-backup-emulator: ${loss}\n`))
  const kept = await startProcess(t, ['--db', ':memory:', '--park', park])
  await call(`${kept.url}/worlds/a`, 'POST', 'scope', scopeBody('/x'))
  t.strictSame(await kept.stop('SIGQUIT'), { code: 0, signal: null })
  t.strictSame(files(park), ['a.kwa'])
  rmSync(park, { recursive: true })
  const emulator = await startEmulator({ park })
  await t.rejects(
    lose(emulator.url, () => emulator.close()),
    { name: 'Problem', message: loss },
  )
})

t.test('a world that is too large for a file stays, and does not stand in the way of others', async (t) => {
  const park = t.testdir()
  const emulator = await shard(t, park, { maxWorlds: '2' })
  for (const name of ['a', 'b']) {
    await write(emulator, name, `/${name}`)
    emulator.time.now += 1000
  }
  const { snapshots } = emulator.named('a')
  snapshots.set('large', { ...emulator.world.snapshot(), image: { length: largestArchive } as Buffer })
  for (const name of ['c', 'd']) {
    t.equal(await emulator.code(name, 'GET', '/device'), 0)
    emulator.time.now += 1000
  }
  t.strictSame(files(park), ['b.kwa', 'c.kwa'])
  t.match(emulator.logLines, [/the archive is larger than 1073741824 bytes, 1 snapshots included.*"world":"a"/])
  t.equal(emulator.logLines.length, 1, 'and it is not tried again and again')
  emulator.worlds.watch('d', () => undefined)
  t.equal((await emulator.of('e', 'GET', '/device')).status, 503, 'where there is no other')
  snapshots.clear()
  t.equal(await emulator.code('e', 'GET', '/device'), 0)
  t.ok(files(park).includes('a.kwa'), 'once it is no more too large, it is parked')
})

t.test('a folder that is gone ends no emulator that looks through it now and then', (t) => {
  const folder = join(t.testdir(), 'park')
  const told: string[] = []
  const log = { error: (_: object, message: string) => void told.push(message) }
  const park = new Park({ folder, keepMillis: 1000, wallClock: () => noon, log })
  rmSync(folder, { recursive: true })
  t.equal(park.prune(), 0)
  t.strictSame(told, ['the folder of --park cannot be looked through'])
  t.end()
})

t.test('a folder that cannot hold parked worlds prevents the start, and nothing hangs', async (t) => {
  const cwd = t.testdir({ file: '' })
  const file = join(cwd, 'file')
  const refuse = (park: string, why: string) =>
    t.rejects(emulatorFor(t, { park }), {
      name: 'StartupError',
      message: `the folder ${park} cannot hold parked worlds: ${why}`,
    })
  await refuse(file, `${file} is no folder`)
  await refuse(join(file, 'park'), `${file} is no folder`)
  if (existsSync('/proc')) await refuse('/proc/nope/park', 'no folder can be made in /proc')
  const long = join(cwd, 'made', 'x'.repeat(300))
  await t.rejects(emulatorFor(t, { park: long }), { message: /cannot hold parked worlds: ENAMETOOLONG/ })
  t.strictSame(files(cwd), ['file'], 'and leaves no part of it')
})

t.test('--new-worlds declared: a world that nobody asked for is an error, not an empty one', async (t) => {
  const emulator = await controlFor(t, { newWorlds: 'declared' })
  const missing = 'there is no world t1 here; PUT it, or it was lost'
  t.equal(await emulator.code('default', 'GET', '/device'), 0, 'the default one is there')
  const answer = await emulator.of('t1', 'GET', '/device')
  t.match(answer, { status: 503, body: { code: 13990504, msg: 'The world is not here.' } })
  t.match(answer.headers, { 'x-emulator-reason': missing })
  t.match(
    await emulator.of('t1', 'GET', '/device', undefined, { 'x-user-id': 'a b' }),
    { status: 400 },
    'after the contract',
  )
  const upload = await emulator.server.inject({ method: 'PUT', url: '/worlds/t1/_upload/x/1', payload: 'x' })
  t.match(upload, { statusCode: 503, headers: { 'x-emulator-reason': missing } })
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['DELETE', '', undefined],
    ['POST', '/reset', undefined],
    ['POST', '/snapshots/a', undefined],
    ['PATCH', '/clock', {}],
    ['POST', '/tokens', { userId: 'u' }],
    ['POST', '/apps', { appId: 'a', appSecret: 's' }],
    ['POST', '/explain', { method: 'GET', path: `${basePath}/device`, headers: {} }],
    ['POST', '/faults', { operations: '*', effect: { type: 'reset' } }],
  ] as const) {
    await emulator.isProblem(t, [method, `/worlds/t1${path}`, body], 404, missing)
  }
  const archive = await emulator.server.inject('/_emulator/worlds/default/archive')
  for (const [name, path, body] of [
    ['t1', '', {}],
    ['t2', '/state', {}],
    ['t3', '/archive', archive.rawPayload],
    ['t4', '', { from: 'default' }],
  ] as const) {
    t.ok((await emulator.ask('PUT', `/worlds/${name}${path}`, body)).status < 300)
    t.equal(await emulator.code(name, 'GET', '/device'), 0, `PUT ${path} declares it`)
  }
  await emulator.turn('DELETE', '/worlds/t1')
  t.equal(await emulator.code('t1', 'GET', '/device'), 13990504, 'lost again')
})
