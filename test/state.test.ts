import { join } from 'node:path'
import t from 'tap'
import type { Seed } from '../schemas/seed.ts'
import { idsPerMillisecond, lastMillis, snowflake } from '../src/store/snowflake.ts'
import { copyOf } from '../src/world/copy.ts'
import { filesPath, targetOf } from './fixtures/backup.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor, fill, tablesOf, traffic } from './fixtures/control.ts'
import { exampleDevice, exampleUser, noon } from './fixtures/emulator.ts'

const scopes = `/device/${exampleDevice}/scope`
const add = (emulator: Control, name: string, localPath: string) =>
  emulator.of(name, 'POST', scopes, { moduleCode: '102', scopeList: [{ localPath }] })
const pathsIn = async (emulator: Control, name: string): Promise<string[]> => {
  const { body } = await emulator.of(name, 'GET', `${scopes}?moduleCode=102`)
  return ((body?.['scopeList'] ?? []) as { localPath: string }[]).map(({ localPath }) => localPath)
}
const iso = (millis: number): string => new Date(millis).toISOString()

async function stop(emulator: Control): Promise<void> {
  await emulator.server.close()
  emulator.worlds.close()
}

t.test('a world exported, imported into a new one and exported again is the same', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', '/worlds/t1/clock', { frozen: true })
  const { lockId } = await fill(emulator, 't1')
  const document = await emulator.state('t1')
  const devices = document.users?.[exampleUser]?.devices ?? []
  const records = document.users?.[exampleUser]?.records ?? []
  t.strictSame(
    devices.map(({ machineCode, unbound }) => [machineCode, unbound]),
    [
      ['20250911', undefined],
      ['20251217', undefined],
      ['gone', true],
      ['gone', undefined],
      ['', undefined],
    ],
    'devices bound, unbound, bound again and adopted',
  )
  t.match(devices, [{}, { lastVersions: { 102: 3 }, configs: [{ configValue: 'on' }] }, {}, {}, { scopes: [{}, {}] }])
  t.match(records, [
    {
      version: 1,
      endTime: iso(noon),
      files: [{ fileName: 'done' }, { fileName: 'known', parentFolder: ['elsewhere'] }],
    },
    { version: 2, files: [{ fileName: 'rapid', size: 7 }, { uploadId: /./ }, { uploadId: /./, size: 0 }] },
  ])
  t.match(document, {
    users: { [exampleUser]: { locks: [{ lockId, expiresAt: iso(noon + 600_000) }] } },
    position: { lastId: /^\d+$/, random: /^[0-9a-f]{8}(-[0-9a-f]{8}){3}$/ },
    configCatalogue: [{ configName: 'backend_backup_switch' }],
  })
  t.notMatch(
    JSON.stringify(document),
    /"tokens"|"apps"|a-secret|emulator-app-secret|a-token|"digest":"/,
    'no credential',
  )

  await emulator.turn('PUT', '/worlds/t2/state', document)
  t.strictSame(await emulator.state('t2'), document, 'by import')
  await emulator.turn('PUT', '/worlds/t3', { seed: document })
  t.strictSame(await emulator.state('t3'), document, 'as the seed of a world')
  const seed = join(t.testdir({ 'seed.json': JSON.stringify(document) }), 'seed.json')
  const seeded = await controlFor(t, { seed })
  t.strictSame(await seeded.state('default'), document, 'as --seed')
  seeded.worlds.use('any')
  t.strictSame(await seeded.state('any'), document, 'which every world of it begins with')

  await emulator.turn('PATCH', '/worlds/t2/clock', { frozen: true })
  const [one, two] = [tablesOf(emulator.named('t1')), tablesOf(emulator.named('t2'))]
  const inDetail = ['device', 'scope', 'config', 'config_catalogue', 'lock', 'record', 'record_version']
  for (const table of inDetail) t.strictSame(two[table], one[table], `${table} in every row`)
  const waiting = document.users?.[exampleUser]?.records?.[1]?.files?.find(({ fileName }) => fileName === 'waiting')
  const asked = { fileId: waiting?.fileId, multiParts: [{ partNumber: 1 }] }
  const { body } = await emulator.of('t2', 'POST', `!${filesPath}/multipart/uploadUrl`, asked)
  const [link] = (body?.['multiParts'] ?? []) as { uploadUrl: string }[]
  const url = targetOf(link?.uploadUrl ?? '')
  const put = await emulator.server.inject({ method: 'PUT', url, payload: 'late' })
  t.equal(put.statusCode, 200, 'a pending upload may go on')
  t.equal(
    await emulator.code('t2', 'PATCH', '/lock', undefined, { 'x-backup-lock-id': lockId }),
    0,
    'the lock lives on',
  )
  t.strictSame(await emulator.state('t1'), document, 'and none of it is seen in the first one')
  await emulator.turn('PUT', '/worlds/t2/state', document)
  t.strictSame(
    await traffic(emulator, 't2', 3, 60).then(answersOnly),
    await traffic(emulator, 't1', 3, 60).then(answersOnly),
  )
})

/** Upload addresses name the world, all else must be the same. */
const answersOnly = (answers: unknown[]): unknown =>
  JSON.parse(JSON.stringify(answers).replaceAll(/worlds\/t\d/g, 'worlds/t'))

t.test('whatever traffic leaves behind survives the way', async (t) => {
  const emulator = await controlFor(t)
  for (let seed = 0; seed < 20; seed += 1) {
    const name = `w${seed}`
    await traffic(emulator, name, seed, 80)
    const document = await emulator.state(name)
    await emulator.turn('PUT', `/worlds/${name}-again/state`, document)
    t.strictSame(await emulator.state(`${name}-again`), document, name)
  }
})

t.test('a document without tokens and apps leaves the own in place, one with them replaces', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PUT', '/worlds/t1', { auth: 'known', devices: 'strict' })
  await fill(emulator, 't1')
  const use = (token: string) => emulator.code('t1', 'GET', '/device', undefined, { authorization: `Bearer ${token}` })
  const credentials = () => {
    const { token, app } = tablesOf(emulator.named('t1'))
    return { token, app }
  }
  const before = credentials()
  t.equal(await use('a-token'), 0)
  await emulator.turn('PUT', '/worlds/t1/state', {})
  t.strictSame(credentials(), before)
  t.equal(await use('a-token'), 0)
  t.match(await emulator.turn('GET', '/worlds/t1'), { settings: { auth: 'known', devices: 'strict' } }, 'settings stay')
  await emulator.turn('PUT', '/worlds/t1/state', { tokens: [{ token: 'new', userId: exampleUser, lifetime: 'PT1M' }] })
  t.strictSame([await use('a-token'), await use('new')], [13990401, 0])
  t.strictSame(credentials().app, before.app)
  await emulator.turn('PATCH', '/worlds/t1/clock', { advance: 'PT1M' })
  t.equal(await use('new'), 13990401)
  await emulator.turn('PUT', '/worlds/t1/state', { tokens: [], apps: [{ appId: 'a', appSecret: 's' }] })
  t.match(credentials(), { token: [], app: [{ app_id: 'a' }] })
})

t.test('an import keeps clocks and snapshots, and its own times are those of the state clock', async (t) => {
  const emulator = await controlFor(t)
  const now = '2021-06-01T00:00:00.000Z'
  await emulator.turn('PATCH', '/worlds/t1/clock', { frozen: true, now, skew: 'PT1S' })
  const clock = await emulator.turn('GET', '/worlds/t1/clock')
  await emulator.turn('POST', '/worlds/t1/snapshots/a')
  const users = {
    [exampleUser]: {
      devices: [{ deviceId: 'own', machineCode: 'm', scopes: [{ moduleCode: '100', localPath: '/a' }] }],
    },
  }
  await emulator.turn('PUT', '/worlds/t1/state', { users })
  t.strictSame(await emulator.turn('GET', '/worlds/t1/clock'), clock)
  t.match(await emulator.turn('GET', '/worlds/t1/snapshots'), { snapshots: [{ label: 'a' }] })
  const { body } = await emulator.of('t1', 'GET', '/device/own/scope?moduleCode=100')
  t.match(body, { scopeList: [{ createTime: now }] })
  t.match((await emulator.state('t1')).users?.[exampleUser]?.devices, [{ createTime: now }])
})

t.test('DEC-31: ids go on and never repeat after an import', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', '/worlds/t1/clock', { frozen: true })
  const seen = new Set<unknown>()
  const note = async (localPath: string) => {
    const { body } = await add(emulator, 't1', localPath)
    for (const { scopeId } of (body?.['scopeList'] ?? []) as { scopeId: string }[]) {
      t.notOk(seen.has(scopeId), `${scopeId} is new`)
      seen.add(scopeId)
    }
  }
  const early = await emulator.state('t1')
  await note('/a')
  const document = await emulator.state('t1')
  for (let index = 0; index < 3; index += 1) await note(`/b${index}`)
  await emulator.turn('PUT', '/worlds/t1/state', early)
  await note('/c')
  await emulator.turn('PUT', '/worlds/t1/state', document)
  await note('/d')
  const planted = { deviceId: 'p', machineCode: '', scopes: [{ moduleCode: '102', localPath: '/planted' } as const] }
  await emulator.turn('PUT', '/worlds/t1/state', { users: { [exampleUser]: { devices: [planted] } } })
  const { body } = await emulator.of('t1', 'GET', '/device/p/scope?moduleCode=102')
  const [{ scopeId } = { scopeId: '' }] = (body?.['scopeList'] ?? []) as { scopeId: string }[]
  t.notOk(seen.has(scopeId), 'nor those that an import issues')
  seen.add(scopeId)
  await note('/e')
  t.equal(seen.size, 8)

  const lastId = String(
    (BigInt(Math.floor(noon - 1_546_272_000_000)) << 23n) | (527n << 7n) | BigInt(idsPerMillisecond - 1),
  )
  await emulator.turn('PUT', '/worlds/t2/state', { position: { lastId } })
  await emulator.turn('PATCH', '/worlds/t2/clock', { frozen: true })
  t.match(
    (await add(emulator, 't2', '/x')).body,
    { scopeList: [{ createTime: iso(noon + 1) }] },
    'beyond the last one given',
  )
  const locks = await Promise.all(
    ['100', '101'].map((moduleCode) => emulator.of('t2', 'POST', '/lock', { moduleCode })),
  )
  const random = (await emulator.state('t2')).position?.random ?? ''
  await emulator.turn('PUT', '/worlds/t2/state', {})
  t.equal(
    (await emulator.state('t2')).position?.random,
    random,
    'the generator goes on where no document says otherwise',
  )
  t.equal(locks.length, 2)
})

t.test('DEC-31: an id from a time to come is given to nothing else, even once what had it is gone', async (t) => {
  const at = noon + 3_600_000
  const [early, taken, last] = [0, 1, 2].map((sequence) => snowflake(at, 527, sequence)) as [bigint, bigint, bigint]
  const ofAnother = snowflake(at, 9, 0)
  const scopesOf = [taken, ofAnother].map((id) => {
    return { moduleCode: '102', scopeId: String(id), localPath: `/${id}` } as const
  })
  const users = { [exampleUser]: { devices: [{ deviceId: exampleDevice, machineCode: 'm', scopes: scopesOf }] } }
  const document = { users }
  const begin = async (emulator: Control, name: string) => {
    await emulator.turn('PUT', `/worlds/${name}/state`, document)
    const scopeIdList = [taken, ofAnother].map(String)
    t.equal(await emulator.code(name, 'DELETE', `/device/${exampleDevice}/scope`, { scopeIdList }), 0)
  }
  const passesOver = async (emulator: Control, name: string, how: string, [first, second] = [early, last]) => {
    const trial = copyOf(emulator.named(name))
    await emulator.turn('PATCH', `/worlds/${name}/clock`, { frozen: true, now: iso(at) })
    for (const id of [first, second]) {
      const issued = trial?.ids.next(at)
      if (issued) trial?.ids.take(issued)
      t.equal(issued?.id, id, `a trial of ${how}`)
      t.match((await add(emulator, name, `/of-${id}`)).body, { scopeList: [{ scopeId: String(id) }] }, how)
    }
    trial?.end()
  }
  const emulator = await controlFor(t)
  await begin(emulator, 't1')
  await emulator.turn('POST', '/worlds/t1/snapshots/a')
  await emulator.turn('PUT', '/worlds/copy', { from: 't1' })
  await emulator.turn('PUT', '/worlds/of-a', { from: { world: 't1', snapshot: 'a' } })
  await emulator.turn('PUT', '/worlds/of-nine', { from: 't1', worker: 9 })
  const archive = emulator.server.inject('/_emulator/worlds/t1/archive')
  await emulator.turn('PUT', '/worlds/adopted/archive', (await archive).rawPayload)
  await begin(emulator, 'imported')
  await emulator.turn('PUT', '/worlds/imported/state', {})
  for (const name of ['t1', 'copy', 'of-a', 'adopted', 'imported']) await passesOver(emulator, name, name)
  const nine = [1, 2].map((sequence) => snowflake(at, 9, sequence)) as [bigint, bigint]
  await passesOver(emulator, 'of-nine', 'a copy with the worker of the other', nine)
  await emulator.turn('POST', '/worlds/t1/snapshots/a/restore')
  await passesOver(emulator, 't1', 'a world that was put back')

  const db = join(t.testdir(), 'emulator.db')
  const first = await controlFor(t, { db })
  await begin(first, 'default')
  await first.close()
  await passesOver(await controlFor(t, { db }), 'default', 'a world in a file, after a restart')
})

t.test('a document written by hand says as little as it likes, and what comes after goes on from it', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', '/worlds/t1/clock', { frozen: true })
  const next = async (name: string) => {
    const { body } = await add(emulator, name, '/next')
    return ((body?.['scopeList'] ?? []) as { scopeId: string }[])[0]?.scopeId
  }
  const scopeId = (await next('t1')) ?? ''
  const given = {
    deviceId: exampleDevice,
    machineCode: '',
    scopes: [{ moduleCode: '100', localPath: '/own', scopeId }],
  }
  const records = [
    { moduleCode: '102', deviceId: exampleDevice, version: 5 },
    { moduleCode: '102', deviceId: exampleDevice },
  ]
  await emulator.turn('PUT', '/worlds/t2', { seed: 'none' })
  await emulator.turn('PATCH', '/worlds/t2/clock', { frozen: true })
  await emulator.turn('PUT', '/worlds/t2/state', { users: { [exampleUser]: { devices: [given], records } } })
  t.match((await emulator.state('t2')).users?.[exampleUser]?.records, [{ version: 5 }, { version: 6 }])
  const own = { users: { [exampleUser]: { devices: [given] } } }
  await emulator.turn('PUT', '/worlds/t3', { seed: 'none' })
  await emulator.turn('PATCH', '/worlds/t3/clock', { frozen: true })
  await emulator.turn('PUT', '/worlds/t3/state', own)
  t.equal(await next('t3'), String(BigInt(scopeId) + 1n), 'DEC-31: an id that is there is not issued again')
  await emulator.turn('PUT', '/worlds/t4', { worker: 9, seed: own })
  t.match((await add(emulator, 't4', '/next')).body, { scopeList: [{ createTime: iso(noon) }] })
})

const device = { deviceId: 'd', machineCode: 'm' }
const record = { moduleCode: '102', deviceId: 'd' }
const lock = { moduleCode: '102', lockId: '78e41c7e-db02-4d55-85b3-8153e4fefd2e@102', expiresAt: iso(noon) }
const waiting = { fileName: 'f', uploadId: 'u1' }
const user = (parts: object) => ({ users: { u: { devices: [device], ...parts } } })

/** Documents with one mistake each, and how it is named, `body` being the place of the document. */
const mistakes: readonly (readonly [document: unknown, detail: string | RegExp])[] = [
  [{ wat: 1 }, /^body\/wat is not a known property/],
  [{ users: [] }, /^body\/users is an array of 0; expected an object/],
  [{ users: { 'a b': {} } }, /^body\/users\/a b is not a known property/],
  [
    user({ devices: [{ deviceId: 'a b', machineCode: 'm' }] }),
    /^body\/users\/u\/devices\/0\/deviceId is a string of 3/,
  ],
  [user({ devices: [{ deviceId: 'd' }] }), /^body\/users\/u\/devices\/0\/machineCode is missing/],
  [user({ locks: [{ ...lock, lockId: 'x' }] }), /^body\/users\/u\/locks\/0\/lockId is a string of 1/],
  [user({ records: [{ ...record, properties: '{' }] }), /^body\/users\/u\/records\/0\/properties/],
  [user({ records: [{ ...record, version: 0 }] }), /^body\/users\/u\/records\/0\/version is a number; expected/],
  [{ position: { random: 'x' } }, /^body\/position\/random is a string of 1/],
  [{ apps: [{ appId: 'a' }] }, /^body\/apps\/0\/appSecret is missing/],
  [{ tokens: [{ token: 'a', userId: 'u', lifetime: 'x' }] }, /^seed\/tokens\/0\/lifetime is no ISO 8601 duration/],
  [{ tokens: [{ token: 'a', userId: 'u', lifetime: 'P52001W' }] }, /^seed\/tokens\/0\/lifetime is too long/],
  [user({ devices: [device, device] }), 'seed/users/u/devices/1 repeats seed/users/u/devices/0'],
  [user({ records: [{ ...record, deviceId: 'e' }] }), 'seed/users/u/records/0/deviceId is no device of this user'],
  [
    user({
      records: [
        { ...record, recordId: '1' },
        { ...record, recordId: '1' },
      ],
    }),
    'seed/users/u/records/1 repeats seed/users/u/records/0',
  ],
  [
    user({ records: [{ ...record, recordId: '9223372036854775808' }] }),
    /^seed\/users\/u\/records\/0\/recordId is no id; expected digits without a leading zero/,
  ],
  [
    { position: { lastId: '9999999999999999999' } },
    /^seed\/position\/lastId is no id; expected digits without a leading zero, at most 9223372036854775807/,
  ],
  [
    user({ records: [{ ...record, endTime: '2025-02-30T00:00:00.000Z' }] }),
    'seed/users/u/records/0/endTime is no instant of the calendar',
  ],
  [
    user({ devices: [{ ...device, createTime: '2025-13-01T00:00:00.000Z' }] }),
    'seed/users/u/devices/0/createTime is no instant of the calendar',
  ],
  [
    user({ locks: [{ ...lock, expiresAt: '2025-01-01T24:00:00.000Z' }] }),
    'seed/users/u/locks/0/expiresAt is no instant of the calendar',
  ],
  [
    user({ locks: [lock, { ...lock, lockId: lock.lockId.replace('7', '8') }] }),
    'seed/users/u/locks/1 repeats seed/users/u/locks/0',
  ],
  [{ users: { u: { locks: [lock] }, v: { locks: [lock] } } }, 'seed/users/v/locks/0 repeats seed/users/u/locks/0'],
  [
    user({ records: [{ ...record, files: [waiting, { ...waiting, fileName: 'g' }] }] }),
    'seed/users/u/records/0/files/1 repeats seed/users/u/records/0/files/0',
  ],
  [
    user({ records: [{ ...record, files: [waiting, { ...waiting, uploadId: 'u2' }] }] }),
    'seed/users/u/records/0/files/1 repeats seed/users/u/records/0/files/0',
  ],
  [
    user({ records: [{ ...record, files: [{ fileName: 'f' }] }] }),
    'seed/users/u/records/0/files/0 has neither an uploadId nor both sha256 and size',
  ],
  [
    user({ records: [{ ...record, files: [{ ...waiting, description: 'a\ud800' }] }] }),
    'seed/users/u/records/0/files/0/description holds an unpaired surrogate; expected whole characters [DEC-10]',
  ],
  [
    user({ devices: [{ ...device, scopes: [{ moduleCode: '102', localPath: '/\udc00a' }] }] }),
    'seed/users/u/devices/0/scopes/0/localPath holds an unpaired surrogate; expected whole characters [DEC-10]',
  ],
  [
    { configCatalogue: [{ moduleCode: '102', configName: 'a', initialValue: 'b', description: '\ud83d' }] },
    'seed/configCatalogue/0/description holds an unpaired surrogate; expected whole characters [DEC-10]',
  ],
  [
    { apps: [{ appId: 'a', appSecret: '\udfff' }] },
    'seed/apps/0/appSecret holds an unpaired surrogate; expected whole characters [DEC-10]',
  ],
  [
    { apps: [{ appId: 'a b,c', appSecret: 's' }] },
    /^body\/apps\/0\/appId is a string of 5 with " " at character 2; expected/,
  ],
  [{ apps: [{ appId: '', appSecret: 's' }] }, /^body\/apps\/0\/appId is empty/],
  [
    user({ records: [{ ...record, files: [{ ...waiting, uploadId: 'a/b' }] }] }),
    /^body\/users\/u\/records\/0\/files\/0\/uploadId is a string of 3/,
  ],
  [
    user({ locks: [{ ...lock, moduleCode: '101' }] }),
    'seed/users/u/locks/0/lockId names another module than its moduleCode [LOC-1]',
  ],
  ...[1e300, 2 ** 53, 0].map(
    (version) =>
      [user({ records: [{ ...record, version }] }), /^body\/users\/u\/records\/0\/version is a number/] as const,
  ),
  [
    user({ devices: [{ ...device, lastVersions: { 102: 2 ** 53 } }] }),
    /^body\/users\/u\/devices\/0\/lastVersions\/102 is a number; expected/,
  ],
  [
    user({ records: [record, { ...record, version: 3 }, { ...record, version: 3 }] }),
    'seed/users/u/records/2/version repeats seed/users/u/records/1/version [DEC-27]',
  ],
  [
    user({
      devices: [{ ...device, lastVersions: { 102: Number.MAX_SAFE_INTEGER - 1 } }],
      records: [{ ...record, moduleCode: '101' }, record, record],
    }),
    'seed/users/u/records/2 has no version left [DEC-27]',
  ],
  [
    user({ records: [{ ...record, recordId: '1842846715527366528', endTime: '2025-12-17T07:27:27.708Z' }] }),
    'seed/users/u/records/0/endTime is before 2025-12-17T07:27:27.709Z, when its recordId was issued [DEC-27]',
  ],
  ...[
    { scopes: [{ moduleCode: '102', localPath: '/a' }] },
    { configs: [{ moduleCode: '102', configName: 'a', configValue: 'b' }] },
  ].map(
    (kept) =>
      [
        user({ devices: [{ ...device, unbound: true, ...kept }] }),
        'seed/users/u/devices/0 is unbound; expected neither scopes nor configs, which go with the binding [DEC-18]',
      ] as const,
  ),
  [
    { position: { lastId: String(snowflake(lastMillis + 1, 0, 0)) } },
    'seed/position/lastId is of a time after 2053-01-01T00:00:00.000Z; expected an id up to then [DEC-31]',
  ],
  [[], 'body is an array of 0; expected an object'],
  [undefined, 'body is null; expected an object'],
  ['{', 'body is not acceptable JSON: syntax error at position 1 (line 1 column 2) [DEC-12]'],
]

t.test('a mistake in a document is named with its place, and changes nothing', async (t) => {
  const emulator = await controlFor(t)
  await fill(emulator, 't1')
  const before = emulator.named('t1')
  const tables = tablesOf(before)
  for (const [document, detail] of mistakes) {
    await emulator.isProblem(t, ['PUT', '/worlds/t1/state', document], 400, detail)
    if (typeof document === 'object' && !Array.isArray(document)) {
      const inSeed = detail instanceof RegExp ? new RegExp(detail.source.replace('body', 'body\\/seed')) : detail
      await emulator.isProblem(t, ['PUT', '/worlds/t1', { seed: document }], 400, inSeed)
    }
  }
  for (const seed of ['other', 5, null, []]) {
    await emulator.isProblem(t, ['PUT', '/worlds/t1', { seed }], 400, /^body\/seed is .*; expected .*an object$/)
  }
  t.equal(emulator.named('t1'), before)
  t.strictSame(tablesOf(before), tables)
})

t.test('a document larger than a request of the API is taken', async (t) => {
  const emulator = await controlFor(t)
  const localPath = `/${'p'.repeat(9990)}`
  const own = Array.from({ length: 1400 }, (_, index) => ({
    moduleCode: '102' as const,
    localPath: `${localPath}${index}`,
  }))
  const document: Seed = { users: { u: { devices: [{ ...device, scopes: own }] } } }
  t.ok(JSON.stringify(document).length > 12 * 1024 * 1024)
  await emulator.turn('PUT', '/worlds/t1/state', document)
  t.equal((await emulator.state('t1')).users?.['u']?.devices?.[0]?.scopes?.length, 1400)
})

for (const [where, name, isFile] of [
  ['a world of its own', 't1', false],
  ['the default world in memory', 'default', false],
  ['the default world in a file', 'default', true],
] as const) {
  t.test(`snapshots of ${where}`, async (t) => {
    const db = isFile ? join(t.testdir(), 'emulator.db') : ':memory:'
    const emulator = await controlFor(t, { db })
    const world = `/worlds/${name}`
    const turn = (method: string, path: string, body?: unknown) => emulator.turn(method, world + path, body)
    await turn('PUT', '', { devices: 'strict' })
    t.strictSame(await turn('POST', '/snapshots/empty'), {
      label: 'empty',
      takenAt: iso(noon),
      now: iso(noon),
      bytes: emulator.named(name).snapshots.get('empty')?.image.length,
    })
    await fill(emulator, name)
    await turn('PATCH', '/clock', { advance: 'PT1H', skew: 'PT1S' })
    emulator.time.now += 500
    t.match(await turn('POST', '/snapshots/full'), { takenAt: iso(noon + 500), now: iso(noon + 3_600_500) })
    const [tables, document] = [tablesOf(emulator.named(name)), await emulator.state(name)]
    const place = { ids: emulator.named(name).ids.position(), random: emulator.named(name).random.state() }
    const clock = await turn('GET', '/clock')
    t.match(await turn('GET', '/snapshots'), { snapshots: [{ label: 'empty' }, { label: 'full' }] })

    for (const again of ['once', 'twice']) {
      await traffic(emulator, name, 5, 60)
      await turn('PATCH', '/clock', { frozen: true, now: '2020-01-01T00:00:00Z', signing: 'state' })
      emulator.time.now += 7000
      t.match(await turn('POST', '/snapshots/full/restore'), { settings: { devices: 'strict' } }, again)
      t.strictSame(await emulator.state(name), document)
      const restored = emulator.named(name)
      const { world: _, ...rows } = tablesOf(restored)
      const { world: __, ...kept } = tables
      t.strictSame(rows, kept, 'every row')
      t.strictSame({ ids: restored.ids.position(), random: restored.random.state() }, place, 'every position')
      t.match(await turn('GET', '/clock'), { ...clock, signingNow: /./ }, 'the state clock goes on where it stood')
      t.match(await turn('GET', '/snapshots'), { snapshots: [{ label: 'empty' }, { label: 'full' }] }, 'snapshots stay')
    }
    await turn('POST', '/snapshots/empty/restore')
    t.match(await turn('GET', '/clock'), { now: iso(noon), skew: 'PT0S', frozen: false })
    t.notOk((await emulator.state(name)).users?.[exampleUser]?.locks)
    await turn('PATCH', '/clock', { frozen: true })
    await turn('POST', '/snapshots/frozen')
    await turn('PATCH', '/clock', { frozen: false, advance: 'PT1M' })
    emulator.time.now += 1000
    await turn('POST', '/snapshots/frozen/restore')
    t.match(await turn('GET', '/clock'), { now: iso(noon), frozen: true }, 'a frozen clock stands where it stood')

    await add(emulator, name, '/new')
    t.match(await turn('POST', '/snapshots/full'), { now: iso(noon) }, 'a label can be used again')
    await add(emulator, name, '/newer')
    await turn('POST', '/snapshots/full/restore')
    t.strictSame(await pathsIn(emulator, name), ['/new'], 'and holds the later state')

    t.match(await emulator.ask('DELETE', `${world}/snapshots/full`), { status: 204, body: undefined })
    const none = `the world ${name} has no snapshot full`
    await emulator.isProblem(t, ['DELETE', `${world}/snapshots/full`], 404, none)
    await emulator.isProblem(t, ['POST', `${world}/snapshots/full/restore`], 404, none)
    await emulator.isProblem(t, ['POST', `${world}/snapshots/a%20b`], 400, /^path\/label is a string of 3/)
    t.match(await turn('GET', '/snapshots'), { snapshots: [{ label: 'empty' }, { label: 'frozen' }] })
    await turn('POST', '/reset')
    t.strictSame(await turn('GET', '/snapshots'), { snapshots: [] }, 'a reset drops them')
  })
}

t.test('a restored world in a file is the restored one after a restart', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const first = await controlFor(t, { db })
  await first.turn('PATCH', '/worlds/default/clock', { frozen: true, now: '2024-01-01T00:00:00Z' })
  await add(first, 'default', '/kept')
  await first.turn('POST', '/worlds/default/snapshots/a')
  await add(first, 'default', '/lost')
  await first.turn('PATCH', '/worlds/default/clock', { frozen: false, now: '2025-01-01T00:00:00Z' })
  await first.turn('POST', '/worlds/default/snapshots/a/restore')
  const document = await first.state('default')
  await stop(first)
  const second = await controlFor(t, { db })
  t.strictSame(await second.state('default'), document)
  t.strictSame(await pathsIn(second, 'default'), ['/kept'])
  t.match(await second.turn('GET', '/worlds/default/clock'), { now: '2024-01-01T00:00:00.000Z', frozen: true })
  await second.turn('PUT', '/worlds/default/state', { configCatalogue: [] })
  const imported = await second.state('default')
  await stop(second)
  const third = await controlFor(t, { db })
  t.strictSame(await third.state('default'), imported, 'and so is an imported one')
  t.strictSame(await pathsIn(third, 'default'), [])
})
