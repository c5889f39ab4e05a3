import fc from 'fast-check'
import t from 'tap'
import { openDatabase } from '../src/store/database.ts'
import { epochMillis, isoInstant, millisIn, millisOf, snowflake } from '../src/store/snowflake.ts'
import { createStore } from '../src/store/store.ts'
import { durationMillis } from '../src/world/duration.ts'
import { createIdSequence, noIdsYet } from '../src/world/ids.ts'
import { mistakeIn } from '../src/world/seed-check.ts'

t.test('COM-10: both documented ids are their documented instants', async (t) => {
  for (const [id, time, worker, sequence] of [
    ['1842846715527366528', '2025-12-17T07:27:27.709Z', 527, 0],
    ['1775406005920779393', '2025-09-15T06:14:48.630Z', 409, 1],
  ] as const) {
    t.equal(String(snowflake(Date.parse(time), worker, sequence)), id)
    t.equal(new Date(millisOf(BigInt(id))).toISOString(), time)
  }
  t.equal(new Date(millisOf(1842812272691451648n)).toISOString(), '2025-12-17T06:19:01.803Z')
})

t.test('DEC-31: the first and the last instant of an id', async (t) => {
  t.equal(snowflake(epochMillis, 0, 0), 0n)
  t.equal(snowflake(Date.parse('2053-11-03T11:53:47.775Z'), 65_535, 127), 2n ** 63n - 1n)
})

t.test('COM-9: an instant is written as JavaScript writes it, of any day', async (t) => {
  const property = fc.property(
    fc.date({ noInvalidDate: true }),
    (date) => isoInstant(date.getTime()) === date.toISOString(),
  )
  t.doesNotThrow(() =>
    fc.assert(property, { numRuns: 3000, examples: [[new Date(0)], [new Date(-1)], [new Date(8.64e15)]] }),
  )
  t.equal(isoInstant(1.9), '1970-01-01T00:00:00.001Z')
  t.throws(() => isoInstant(Number.NaN), RangeError)
})

t.test('COM-10: SQLite reads the same instant from an id', async (t) => {
  const instant = openDatabase(':memory:', 'normal').prepare<[bigint], { millis: number }>(
    `SELECT ${millisIn('?')} AS millis`,
  )
  const property = fc.property(
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    (id) => instant.get(id)?.millis === millisOf(id),
  )
  t.doesNotThrow(() => fc.assert(property))
})

t.test('DEC-31: ids go on where a stored position stands', async (t) => {
  const ids = createIdSequence(1, noIdsYet)
  const now = epochMillis + 5
  const first = ids.next(now)
  t.same(ids.next(now), first, 'asking uses nothing up')
  ids.take(first)
  const continued = createIdSequence(1, ids.position())
  t.equal(continued.next(now).id, first.id + 1n)
  t.equal(continued.next(now - 1).millis, now)
  const before = ids.position()
  for (let taken = 0; taken < 300; taken += 1) ids.take(ids.next(now))
  t.same(ids.position(), { lastMillis: now + 2, lastSequence: 300 % 128 })
  ids.rewind(before)
  t.same(ids.position(), before)
})

t.test('COM-10: only an id that can have been issued by now tells when', async (t) => {
  const ids = createIdSequence(527, noIdsYet)
  const now = Date.parse('2025-12-17T12:00:00Z')
  t.equal(ids.birthOf('1842812272691451648', now), Date.parse('2025-12-17T06:19:01.803Z'))
  for (const id of ['device-1', '', '9223372036854775808', '99999999999999999999', '9223372036854775807']) {
    t.equal(ids.birthOf(id, now), undefined, id)
  }
  const [shortest, longest] = [10n ** 18n, 10n ** 18n - 1n]
  t.equal(ids.birthOf(String(shortest), now), Date.parse('2022-10-11T09:41:29.550Z'))
  for (const id of [longest, 1001n, 0n, 20_251_217n]) t.equal(ids.birthOf(String(id), now), undefined, 'COM-9')
})

t.test('DEC-3: durations are ISO 8601, from weeks to milliseconds', async (t) => {
  for (const [text, millis] of [
    ['PT20M', 1_200_000],
    ['P1W', 604_800_000],
    ['P1DT2H3M4S', 93_784_000],
    ['PT0.5S', 500],
    ['PT1,25S', 1250],
    ['PT0S', 0],
    ['P2WT1S', 1_209_601_000],
  ] as const) {
    t.equal(durationMillis(text), millis, text)
  }
  for (const text of [
    '',
    'P',
    'PT',
    'P1DT',
    'PT20',
    '20M',
    'P1Y',
    'P1M',
    '-PT1S',
    'PT1.2345S',
    'PT1M1H',
    ' PT1S',
    'P99999999999999W',
  ]) {
    t.equal(durationMillis(text), undefined, text)
  }
})

t.test('DEC-32: what is twice in a seed is found, and both places are named', async (t) => {
  const device = { deviceId: 'd', machineCode: 'm' }
  const scope = { moduleCode: '102', localPath: '/a' } as const
  const config = { moduleCode: '102', configName: 'c', configValue: 'v' } as const
  const entry = { moduleCode: '102', configName: 'c', initialValue: 'v' } as const
  const devices = (...all: object[]) => ({ users: { u: { devices: all as (typeof device)[] } } })
  const cases: [seed: Parameters<typeof mistakeIn>[0], problem: string | undefined][] = [
    [{}, undefined],
    [{ configCatalogue: [entry, { ...entry, moduleCode: '101' }] }, undefined],
    [{ configCatalogue: [entry, entry] }, 'seed/configCatalogue/1 repeats seed/configCatalogue/0'],
    [{ tokens: ['a', 'b', 'a'].map((token) => ({ token, userId: 'u' })) }, 'seed/tokens/2 repeats seed/tokens/0'],
    [{ apps: [1, 2].map(() => ({ appId: 'a', appSecret: 's' })) }, 'seed/apps/1 repeats seed/apps/0'],
    [
      { tokens: [{ token: 'a', userId: 'u', lifetime: '20 minutes' }] },
      'seed/tokens/0/lifetime is no ISO 8601 duration from weeks to milliseconds; expected one such as PT10M [DEC-3]',
    ],
    [devices(device, { ...device, machineCode: '' }), 'seed/users/u/devices/1 repeats seed/users/u/devices/0'],
    [devices(device, { ...device, deviceId: 'e' }), 'seed/users/u/devices/1 repeats seed/users/u/devices/0'],
    [devices({ deviceId: 'd', machineCode: '' }, { deviceId: 'e', machineCode: '' }), undefined],
    [
      devices({ ...device, scopes: [scope, { ...scope, targetFolderPath: '' }] }),
      'seed/users/u/devices/0/scopes/1 repeats seed/users/u/devices/0/scopes/0',
    ],
    [
      devices({ ...device, configs: [config, config] }),
      'seed/users/u/devices/0/configs/1 repeats seed/users/u/devices/0/configs/0',
    ],
    [
      devices(
        { ...device, scopes: [{ ...scope, scopeId: '7' }] },
        { deviceId: 'e', machineCode: 'n', scopes: [{ ...scope, scopeId: '7' }] },
      ),
      'seed/users/u/devices/1/scopes/0 repeats seed/users/u/devices/0/scopes/0',
    ],
  ]
  for (const [seed, problem] of cases) t.equal(mistakeIn(seed), problem)
})

t.test('DEC-21: what failed and could not be undone is undone before anything else is written', async (t) => {
  const database = openDatabase(':memory:', 'normal')
  t.teardown(() => database.close())
  const prepare = database.prepare.bind(database)
  const undo = prepare('ROLLBACK')
  let failures = 1
  const rollback = {
    run: () => {
      failures -= 1
      if (failures >= 0) throw new Error('the disk is full')
      return undo.run()
    },
  }
  Object.assign(database, { prepare: (sql: string) => (sql === 'ROLLBACK' ? rollback : prepare(sql)) })
  const { transact, access, wipe, rowChanges } = createStore(database)
  rowChanges.start()
  const add = (appId: string) => access.addApp(appId, 'secret')
  const failing = () => {
    add('half done')
    wipe()
    throw new Error('the reason')
  }
  t.throws(() => transact(failing), { message: 'the disk is full' })
  t.equal(database.inTransaction, true)
  transact(() => undefined)
  t.equal(rowChanges.isOn, true, 'so is what it did to how changes are noted')
  rowChanges.stop()
  transact(() => add('whole'))
  t.equal(database.inTransaction, false, 'it is stored, and waits for nobody')
  t.same(
    access.listApps().map(({ appId }) => appId),
    ['whole'],
  )
})
