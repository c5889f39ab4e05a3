import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { differenceOf, sizeOf } from '../../gauntlet/difference.ts'
import type { Entity, WorldState } from '../../gauntlet/entities.ts'
import { entitiesIn, entityLine, formOf } from '../../gauntlet/entities.ts'
import { keptLocks } from '../../gauntlet/locks.ts'
import { learnMasks, masked } from '../../gauntlet/masks.ts'
import { offTheWay } from '../../gauntlet/on-the-way.ts'
import type { Seed, SeedDevice, SeedFile, SeedRecord } from '../../schemas/seed.ts'
import { startEmulator } from '../../src/index.ts'

/** A device, a record or a file as states have them, with what differs from run to run in it. */
const word = fc.constantFrom('a', 'b', 'c', 'd')
const id = fc.bigInt({ min: 1n, max: 10n ** 18n }).map(String)
const parts = fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { maxLength: 2 })
const anyFile = fc.record({
  fileName: word,
  size: fc.integer({ min: 0, max: 3 }),
  uploadId: fc.option(id, { nil: undefined }),
  parts,
})
const anyRecord = fc.record({
  deviceId: word,
  properties: fc.constantFrom('', '{"run":1}', '{"run":2,"at":"now"}', 'no json'),
  isOver: fc.boolean(),
  files: fc.uniqueArray(anyFile, { maxLength: 3, selector: ({ fileName }) => fileName }),
})
const anyDevice = fc.record({
  deviceId: word,
  deviceName: word,
  unbound: fc.boolean(),
  scopes: fc.uniqueArray(word, { maxLength: 3 }),
  configs: fc.uniqueArray(fc.record({ configName: word, configValue: word }), {
    maxLength: 2,
    selector: ({ configName }) => configName,
  }),
})
const anyState = fc.record({
  devices: fc.uniqueArray(anyDevice, { maxLength: 3, selector: ({ deviceId }) => deviceId }),
  records: fc.array(anyRecord, { maxLength: 4 }),
})
type AnyState = typeof anyState extends fc.Arbitrary<infer Value> ? Value : never

/** The state document of it; `salt` changes what says nothing: ids, times, versions, orders. */
function worldOf({ devices, records }: AnyState, salt = 0): WorldState[] {
  const order = <Item>(items: readonly Item[]): Item[] => (salt % 2 === 0 ? [...items] : items.toReversed())
  const deviceOf = ({ deviceId, deviceName, unbound, scopes, configs }: AnyState['devices'][number]): SeedDevice => ({
    deviceId: `${deviceId}${salt}`,
    machineCode: `M${deviceId}`,
    deviceName,
    createTime: `2026-01-0${1 + salt}T00:00:00.000Z`,
    ...(unbound ? { unbound } : {}),
    scopes: order(scopes).map((name, index) => ({
      moduleCode: '100',
      localPath: `/${name}`,
      scopeId: `1${salt}${index}`,
    })),
    configs: order(configs).map((config) => ({ moduleCode: '102', ...config })),
  })
  const fileOf = ({
    fileName,
    size,
    uploadId,
    parts: came,
  }: AnyState['records'][number]['files'][number]): SeedFile => ({
    fileName,
    size,
    fileId: `${salt}7`,
    ...(uploadId === undefined
      ? {}
      : {
          uploadId: `${uploadId}${salt}`,
          multiParts: [1, 2, 3].map((partNumber) => ({
            partNumber,
            ...(came.includes(partNumber) ? { stored: { size: 1, etag: '0'.repeat(32) } } : {}),
          })),
        }),
  })
  const recordOf = (
    { deviceId, properties, isOver, files }: AnyState['records'][number],
    index: number,
  ): SeedRecord => ({
    recordId: `${salt}${index}`,
    moduleCode: '100',
    deviceId: `${deviceId}${salt}`,
    properties,
    version: index + salt,
    ...(isOver ? { endTime: `2026-01-0${1 + salt}T00:00:00.000Z` } : {}),
    files: order(files).map(fileOf),
  })
  const known = new Set(devices.map(({ deviceId }) => deviceId))
  const own = records.filter(({ deviceId }) => known.has(deviceId))
  const users = { u: { devices: order(devices).map(deviceOf), records: order(own.map(recordOf)), locks: [] } }
  return [{ world: 'default', state: { users } as Seed }]
}

const forms = (entities: readonly Entity[]): string[] => entities.map(formOf).sort()

t.test('ids, times, versions and the order of lists are no part of what a state is', async (t) => {
  const same = fc.property(anyState, fc.integer({ min: 1, max: 8 }), (state, salt) => {
    assert.deepEqual(forms(entitiesIn(worldOf(state, salt))), forms(entitiesIn(worldOf(state))))
  })
  t.doesNotThrow(() => fc.assert(same, { numRuns: 200 }))
})

t.test('one entity more, one less, or one otherwise always shows', async (t) => {
  const shows = fc.property(anyState, fc.nat(), (state, place) => {
    const entities = entitiesIn(worldOf(state))
    if (entities.length === 0) return
    const index = place % entities.length
    const less = entities.toSpliced(index, 1)
    const [one] = entities.slice(index)
    assert.ok(one)
    const more = [...entities, one]
    const [[name, value] = ['', '']] = Object.entries(one.fields).slice(-1)
    const other = entities.with(index, {
      ...one,
      fields: { ...one.fields, [name]: `other than ${JSON.stringify(value)}` },
    })
    assert.equal(sizeOf(differenceOf(entities, entities.toReversed())), 0)
    assert.deepEqual([differenceOf(entities, less).missing.length, differenceOf(entities, less).instead.length], [1, 0])
    assert.deepEqual([differenceOf(entities, more).missing.length, differenceOf(entities, more).instead.length], [0, 1])
    assert.deepEqual(
      [differenceOf(entities, other).missing.length, differenceOf(entities, other).instead.length],
      [1, 1],
    )
  })
  t.doesNotThrow(() => fc.assert(shows, { numRuns: 200 }))
})

t.test('every state of a run is on the way of that run; what half a batch left is, too', async (t) => {
  const onTheWay = fc.property(
    fc.array(anyState, { minLength: 1, maxLength: 3 }),
    fc.array(fc.boolean(), { maxLength: 20 }),
    (states, kept) => {
      const way = states.map((state) => entitiesIn(worldOf(state)))
      for (const state of way) assert.deepEqual(offTheWay(way, state), [])
      const [first = []] = way
      const half = first.filter((_, index) => kept[index] !== false)
      assert.deepEqual(offTheWay([[], ...way], half), [])
    },
  )
  t.doesNotThrow(() => fc.assert(onTheWay, { numRuns: 100 }))
})

const device: Entity = { type: 'device', fields: { device: 'M', unbound: false } }
const config = (configValue: string): Entity => ({
  type: 'config',
  fields: { device: 'M', configName: 'c', configValue },
})
const record = (completed: boolean, ...files: object[]): Entity => ({
  type: 'record',
  fields: { device: 'M', properties: 1, completed },
  files: files.map((file) => ({ ...file })),
})
const file = (fileName: string, pending = false, came = '') => ({
  fileName,
  pending,
  ...(pending ? { parts: came } : {}),
})

t.test('off the way: what was never there, too often, never so, or gone', async (t) => {
  const way = [
    [device, config('a')],
    [device, config('b'), record(false, file('x', true, '1?'))],
    [device, config('b'), record(false, file('x'), file('y'))],
    [device, config('b'), record(true, file('x'), file('y'))],
  ]
  const rows: [found: Entity[], says: RegExp[]][] = [
    [[device, config('a')], []],
    [[device, config('b'), record(false, file('y'))], []],
    [[device, config('b'), record(false, file('x', true, '1'))], []],
    [[device, config('c')], [/^never so without mishap: config .*configValue=c/]],
    [
      [device, config('b'), record(true, file('x'))],
      [/^never so without mishap: record .*completed=true.* files=\[x\]/],
    ],
    [[device, config('b'), record(false, file('z'))], [/^never so/]],
    [
      [device, config('b'), record(true, file('x'), file('y')), record(false)],
      [/^2 times, at most 1 without mishap: record/],
    ],
    [
      [device, config('b'), { type: 'scope', fields: { device: 'M', localPath: '/a' } }],
      [/^never there without mishap: scope/],
    ],
    [[config('b')], [/^gone, though never without mishap: device/]],
    [[device], [/^gone, though never without mishap: config/]],
  ]
  for (const [found, says] of rows) t.match(offTheWay(way, found), says, JSON.stringify(found))
  for (const [found, says] of rows) t.equal(offTheWay(way, found).length, says.length)
})

t.test('masks: what differs without mishap is not compared, and nothing else', async (t) => {
  const one = [device, { ...record(true, file('x')), fields: { properties: { run: 'r1', kind: 'full', list: [1] } } }]
  const other = [device, { ...record(true, file('y')), fields: { properties: { run: 'r2', kind: 'full', list: [2] } } }]
  const masks = learnMasks(one, other)
  t.same([...masks].sort(), ['file fileName', 'record properties list *', 'record properties run'])
  t.equal(sizeOf(differenceOf(masked(one, masks), masked(other, masks))), 0)
  const third = [device, { ...record(true, file('z')), fields: { properties: { run: 'r3', kind: 'none', list: [3] } } }]
  t.equal(sizeOf(differenceOf(masked(one, masks), masked(third, masks))), 2)
  t.same([...learnMasks(one, one)], [])
  t.same(
    [...learnMasks(one, [...one, device])],
    ['device device', 'device unbound'],
    'of another number, nothing can be said',
  )
})

t.test('an entity in a line: places by their names, a world where it is not the default one', async (t) => {
  const [first, ...rest] = entitiesIn([
    {
      world: 'w',
      state: {
        users: {
          u: {
            devices: [{ deviceId: '1', machineCode: '' }],
            records: [
              { moduleCode: '100', deviceId: '9', files: [{ fileName: 'b', uploadId: 'u' }, { fileName: 'a' }] },
            ],
          },
        },
      },
    },
    { world: 'default', state: {} },
  ])
  t.equal(first && entityLine(first), 'device device=1 deviceName= deviceOS= unbound=false world=w')
  t.same(rest.map(entityLine), [
    'record device=9 moduleCode=100 properties= completed=false world=w files=[a, b (not complete)]',
  ])
  t.match(
    entityLine({ type: 'record', fields: { world: 'default', user: 'u', properties: { a: 1 } } }),
    /^record properties=\{"a":1\}$/,
  )
})

t.test('a state that was planted anew, with other ids and another clock, is the same', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const state: AnyState = {
    devices: [
      {
        deviceId: 'a',
        deviceName: 'b',
        unbound: false,
        scopes: ['c'],
        configs: [{ configName: 'd', configValue: 'a' }],
      },
    ],
    records: [],
  }
  const [{ state: seed } = { state: {} }] = worldOf(state)
  const seen = [1, 2].map((worker) => {
    const world = emulator.world(`w${worker}`, { seed, worker, random: worker })
    if (worker === 2) world.clock.set('2040-01-01T00:00:00Z')
    return entitiesIn([{ world: 'default', state: world.state() }])
  })
  t.same(forms(seen[0] ?? []), forms(seen[1] ?? []))
})

t.test('locks that are kept: given to the client, alive, and never tried to give back', async (t) => {
  const created = (lockId: string, change: object = {}) => ({
    operation: 'createBackupLock',
    code: 0,
    delivered: true,
    requestHeaders: {},
    responseBody: { data: { lockId } },
    world: 'default',
    ...change,
  })
  const release = (lockId: string, code: number | null = 0) => ({
    ...created(''),
    operation: 'releaseBackupLock',
    code,
    requestHeaders: { 'x-backup-lock-id': lockId },
  })
  const living = [{ lockId: 'a', moduleCode: '100' }]
  t.same(keptLocks([created('a')], living), living)
  t.same(keptLocks([created('a')], []), [], 'it ran out, or was released')
  t.same(keptLocks([created('a'), release('a', null)], living), [], 'to try is enough')
  t.same(keptLocks([created('a'), release('b')], living), living)
  t.same(keptLocks([created('a', { delivered: false })], living), [], 'the client never learned its id')
  t.same(keptLocks([created('a', { code: 13990423 })], living), [])
  t.same(keptLocks([], living), [], "somebody else's")
})
