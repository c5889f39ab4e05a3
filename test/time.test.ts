import { join } from 'node:path'
import t from 'tap'
import { basePath } from '../schemas/common.ts'
import { epochMillis, lastMillis } from '../src/store/snowflake.ts'
import type { Control } from './fixtures/control.ts'
import { controlFor } from './fixtures/control.ts'
import { exampleDevice, exampleUser, noon, xDate } from './fixtures/emulator.ts'

const clock = '/worlds/t1/clock'
const iso = (millis: number): string => new Date(millis).toISOString()
const scopes = `/device/${exampleDevice}/scope`

/** What a call in the world is answered that was dated at an instant. */
const dated = (emulator: Control, millis: number) =>
  emulator.of('t1', 'GET', '/device', undefined, { 'x-date': xDate(millis) })

const codeOf = async (call: Promise<{ body: Readonly<Record<string, unknown>> | undefined }>) =>
  (await call).body?.['code']

t.test('a clock runs with the wall clock until it is told otherwise', async (t) => {
  const emulator = await controlFor(t)
  const view = { now: iso(noon), frozen: false, signingNow: iso(noon), signing: 'wall', skew: 'PT0S' }
  t.strictSame(await emulator.turn('PATCH', clock, {}), view)
  t.strictSame(await emulator.turn('GET', clock), view)
  emulator.time.now += 1234
  const later = iso(noon + 1234)
  t.strictSame(await emulator.turn('GET', clock), { ...view, now: later, signingNow: later })
})

t.test('DEC-30: every field, alone and together, in their order', async (t) => {
  const minute = 60_000
  const start = Date.parse('2022-01-01T00:00:00.000Z')
  for (const [change, seen, after] of [
    [{ frozen: true }, { now: noon, frozen: true, signingNow: noon }, { now: noon, signingNow: noon + minute }],
    [{ frozen: false }, { now: noon, frozen: false }, { now: noon + minute }],
    [{ now: iso(start) }, { now: start, signingNow: noon }, { now: start + minute }],
    [{ now: '2022-01-01T00:00:00Z' }, { now: start }, { now: start + minute }],
    [{ now: '2022-01-01T00:00:00.5Z' }, { now: start + 500 }, { now: start + 500 + minute }],
    [{ advance: 'PT10M' }, { now: noon + 10 * minute, signingNow: noon }, { now: noon + 11 * minute }],
    [{ advance: 'PT0S' }, { now: noon }, { now: noon + minute }],
    [{ advance: 'P1W' }, { now: noon + 604_800_000 }, { now: noon + 604_860_000 }],
    [{ advance: 'PT0.001S' }, { now: noon + 1 }, { now: noon + 60_001 }],
    [{ advance: 'P2DT3H4M5,678S' }, { now: noon + 183_845_678 }, { now: noon + 183_905_678 }],
    [
      { skew: 'PT16M' },
      { now: noon, skew: 'PT16M', signingNow: noon + 16 * minute },
      { signingNow: noon + 17 * minute },
    ],
    [{ skew: '-PT0.5S' }, { now: noon, skew: '-PT0.5S', signingNow: noon - 500 }, { now: noon + minute }],
    [{ skew: '-P1DT1S' }, { skew: '-PT24H1S', signingNow: noon - 86_401_000 }, {}],
    [{ skew: '-PT0S' }, { skew: 'PT0S', signingNow: noon }, {}],
    [
      { signing: 'state', advance: 'PT1H' },
      { signing: 'state', signingNow: noon + 60 * minute },
      { signingNow: noon + 61 * minute },
    ],
    [{ signing: 'state', skew: '-PT1M', frozen: true }, { signingNow: noon - minute }, { signingNow: noon - minute }],
    [{ signing: 'wall', now: iso(start) }, { signing: 'wall', signingNow: noon }, { signingNow: noon + minute }],
    [
      { signing: 'state', skew: 'PT1S', advance: 'PT1M', now: iso(start), frozen: true },
      { now: start + minute, frozen: true, signing: 'state', signingNow: start + minute + 1000, skew: 'PT1S' },
      { now: start + minute, signingNow: start + minute + 1000 },
    ],
  ] as const) {
    const emulator = await controlFor(t)
    const written = (view: object) =>
      Object.fromEntries(
        Object.entries(view).map(([name, value]) => [name, typeof value === 'number' ? iso(value) : value]),
      )
    const title = JSON.stringify(change)
    t.match(await emulator.turn('PATCH', clock, change), written(seen), title)
    emulator.time.now += minute
    t.match(await emulator.turn('GET', clock), written(after), `${title}, a minute later`)
  }
})

t.test('a clock goes on from where it was, through freezing and thawing', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', clock, { advance: 'PT1H' })
  await emulator.turn('PATCH', clock, { frozen: true })
  emulator.time.now += 5000
  t.match(await emulator.turn('PATCH', clock, { advance: 'PT1S' }), { now: iso(noon + 3_601_000), frozen: true })
  t.match(await emulator.turn('PATCH', clock, { frozen: false }), { now: iso(noon + 3_601_000), frozen: false })
  emulator.time.now += 1000
  t.match(await emulator.turn('GET', clock), { now: iso(noon + 3_602_000) })
})

t.test('DEC-31: the first and the last instant of the state clock, and one beyond', async (t) => {
  const emulator = await controlFor(t)
  const range = 'the state clock runs from 2018-12-31T16:00:00.000Z to 2053-01-01T00:00:00.000Z [DEC-31]'
  for (const now of [iso(epochMillis), iso(lastMillis)]) {
    t.match(await emulator.turn('PATCH', clock, { frozen: true, now }), { now })
    const bound = await emulator.of('t1', 'POST', '/device', { machineCode: now.slice(0, 4) })
    t.match(bound.body, { code: 0, data: { createTime: now } }, 'and ids reach as far')
  }
  await emulator.turn('PATCH', clock, { now: iso(lastMillis), skew: 'PT1S' })
  const view = await emulator.turn('GET', clock)
  for (const change of [
    { now: iso(lastMillis + 1) },
    { now: iso(epochMillis - 1) },
    { advance: 'PT0.001S' },
    { advance: 'P500000W' },
    { now: iso(epochMillis), advance: 'P52000W' },
    { now: iso(epochMillis - 1), advance: 'PT0S' },
    { frozen: false, skew: 'PT2S', signing: 'state', now: '2099-01-01T00:00:00Z' },
  ]) {
    await emulator.isProblem(t, ['PATCH', clock, change], 400, range)
    t.strictSame(await emulator.turn('GET', clock), view, 'nothing of it is done')
  }
  t.match(await emulator.turn('PATCH', clock, { now: iso(epochMillis - 1), advance: 'PT0.001S' }), {
    now: iso(epochMillis),
  })
  await emulator.turn('PATCH', clock, { frozen: false, now: iso(lastMillis) })
  emulator.time.now += 1000
  t.match(await emulator.turn('GET', clock), { now: iso(lastMillis) }, 'a running clock stops at the last')
})

t.test('what a clock cannot be told is refused, whole', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', clock, { frozen: true, skew: 'PT1S' })
  const view = await emulator.turn('GET', clock)
  const noInstant = 'body/now is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z'
  const noSpan = (field: string) =>
    `body/${field} is no ISO 8601 duration from weeks to milliseconds; expected one such as PT10M`
  for (const [change, detail] of [
    [{ now: '2025-02-30T00:00:00Z' }, noInstant],
    [{ now: '2025-13-01T00:00:00.000Z' }, noInstant],
    [{ now: '2025-01-01T24:00:00Z' }, noInstant],
    [{ now: '2025-01-01T00:60:00Z' }, noInstant],
    [{ now: '2025-01-01T00:00:60Z' }, noInstant],
    [{ now: '2025-01-01' }, /^body\/now is a string of 10; expected a string matching/],
    [{ now: '2025-01-01T00:00:00' }, /^body\/now is a string of 19/],
    [{ now: '2025-01-01T00:00:00+01:00' }, /^body\/now is a string of 25/],
    [{ now: '2025-01-01T00:00:00.0001Z' }, /^body\/now is a string/],
    [{ now: noon }, /^body\/now is a number/],
    [{ advance: '-PT1S' }, noSpan('advance')],
    [{ advance: '10 minutes' }, noSpan('advance')],
    [{ advance: 'P1M' }, noSpan('advance')],
    [{ advance: 'P1Y' }, noSpan('advance')],
    [{ advance: '' }, noSpan('advance')],
    [{ advance: 'PT0.0001S' }, noSpan('advance')],
    [{ advance: 600 }, /^body\/advance is a number; expected a string/],
    [{ skew: '--PT1S' }, noSpan('skew')],
    [{ skew: '+PT1S' }, noSpan('skew')],
    [{ skew: '-' }, noSpan('skew')],
    [{ skew: 'P52001W' }, 'body/skew is too long; expected at most P52000W'],
    [{ skew: '-P52001W' }, 'body/skew is too long; expected at most P52000W'],
    [{ frozen: 'yes' }, /^body\/frozen is a string of 3; expected a boolean/],
    [{ signing: 'moon' }, 'body/signing is a string of 4; expected one of "wall", "state"'],
    [{ frozen: false, wall: 1 }, 'body/wall is not a known property'],
    [{ frozen: false, advance: 'PT1S', skew: 'x' }, noSpan('skew')],
    [[], 'body is an array of 0; expected an object'],
    [undefined, 'body is null; expected an object'],
  ] as const) {
    await emulator.isProblem(t, ['PATCH', clock, change], 400, detail)
    t.strictSame(await emulator.turn('GET', clock), view, 'nothing of it is done')
  }
  await emulator.isProblem(t, ['PATCH', '/worlds/none/clock', { advance: 'P1M' }], 400, noSpan('advance'))
  await emulator.isProblem(t, ['PATCH', '/worlds/none/clock', { advance: 'P9999W' }], 400, /^the state clock runs from/)
  t.equal(emulator.worlds.find('none'), undefined, 'what is refused makes no world')
  for (const skew of ['P52000W', '-P52000W']) {
    await emulator.turn('PATCH', clock, { skew })
    t.match((await dated(emulator, noon)).headers['date'], / (3023|1029|3022|1028) /, 'the furthest still has a date')
  }
})

t.test('DEC-25: a lock lives ten minutes of the state clock, to the millisecond', async (t) => {
  const emulator = await controlFor(t)
  const { lockId } = Object((await emulator.of('t1', 'POST', '/lock', { moduleCode: '102' })).body?.['data'])
  const held = { 'x-backup-lock-id': lockId }
  const renew = () => emulator.code('t1', 'PATCH', '/lock', undefined, held)
  await emulator.turn('PATCH', clock, { frozen: true, advance: 'PT9M59.999S' })
  t.equal(await emulator.code('t1', 'POST', '/lock', { moduleCode: '102' }), 13990423)
  t.equal(await renew(), 0)
  await emulator.turn('PATCH', clock, { advance: 'PT9M59.999S' })
  t.equal(await renew(), 0, 'ten minutes from then')
  await emulator.turn('PATCH', clock, { advance: 'PT10M' })
  t.equal(await renew(), 13990424, 'at exactly ten minutes it is gone')
  t.equal(await emulator.code('t1', 'POST', '/lock', { moduleCode: '102' }), 0)
  t.equal(await emulator.code('default', 'POST', '/lock', { moduleCode: '102' }), 0)
  t.equal(
    await emulator.code('default', 'POST', '/lock', { moduleCode: '102' }),
    13990423,
    "another world's clock stood",
  )
})

t.test('COM-14: a token lives for its lifetime from its last use, to the millisecond', async (t) => {
  for (const [lifetime, almost, whole] of [
    [undefined, 'PT19M59.999S', 'PT20M'],
    ['PT1S', 'PT0.999S', 'PT1S'],
    ['P1W', 'P6DT23H59M59.999S', 'P1W'],
  ] as const) {
    const emulator = await controlFor(t)
    await emulator.turn('PUT', '/worlds/t1', { auth: 'known' })
    await emulator.turn('PATCH', clock, { frozen: true })
    const given = lifetime === undefined ? {} : { lifetime }
    const { token } = await emulator.turn('POST', '/worlds/t1/tokens', { userId: exampleUser, ...given })
    const use = () => emulator.code('t1', 'GET', '/device', undefined, { authorization: `Bearer ${token}` })
    for (let times = 0; times < 3; times += 1) {
      await emulator.turn('PATCH', clock, { advance: almost })
      t.equal(await use(), 0, `${almost} after its last use`)
    }
    await emulator.turn('PATCH', clock, { advance: whole })
    t.equal(await use(), 13990401, `${whole} after its last use`)
  }
})

t.test('DEC-5: both edges of the window, to the millisecond, on a clock of the past', async (t) => {
  const emulator = await controlFor(t)
  const now = '2019-06-01T12:00:00.000Z'
  const then = Date.parse(now)
  await emulator.turn('PATCH', clock, { frozen: true, now, signing: 'state' })
  const at = async (advanced: string, sent: number) => {
    await emulator.turn('PATCH', clock, { now, advance: advanced })
    return codeOf(dated(emulator, sent))
  }
  t.equal(await at('PT15M', then), 0, '15:00.000 is accepted')
  t.equal(await at('PT15M0.001S', then), 13000102, '15:00.001 is not')
  t.equal(await at('PT0S', then), 0, 'this very second')
  t.equal(await at('PT0.999S', then), 0)
  t.equal(await at('PT0S', then + 1000), 13000102, 'the next second is too late')
  t.equal(await at('PT0.999S', then + 1000), 13000102, 'though it is a millisecond off')
  t.equal(await at('PT1S', then + 1000), 0)
  t.equal(await at('PT0S', noon), 13000102, 'the wall clock does not count')
  emulator.time.now += 86_400_000
  t.equal(await at('PT15M', then), 0, 'nor does that it goes on')
  t.equal((await dated(emulator, then)).headers['date'], new Date(then + 900_000).toUTCString())
})

t.test('DEC-30: advancing the state refuses no honest client, skewing the signing clock does', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', clock, { advance: 'PT16M' })
  t.match(await dated(emulator, noon), { status: 200, headers: { date: new Date(noon).toUTCString() } })
  await emulator.turn('PATCH', clock, { skew: 'PT16M' })
  t.match(await dated(emulator, noon), {
    status: 400,
    headers: {
      date: new Date(noon + 960_000).toUTCString(),
      'x-emulator-reason':
        /^X-Date is 60 s too early; expected at most 15 minutes before the clock of the server, 20251217T121600Z/,
    },
    body: { code: 13000102 },
  })
  t.equal(await codeOf(dated(emulator, noon + 960_000)), 0)
  await emulator.turn('PATCH', clock, { skew: '-PT1S' })
  t.match((await dated(emulator, noon)).headers['x-emulator-reason'], /^X-Date is 1 s too late/)
  t.equal(await emulator.code('default', 'GET', '/device'), 0, 'in this world alone')
  const refused = await emulator.server.inject({ url: '/worlds/t1/nowhere' })
  t.equal(refused.headers['date'], new Date(noon - 1000).toUTCString(), 'refusals are dated likewise')
})

t.test('createTime follows the state clock', async (t) => {
  const emulator = await controlFor(t)
  const now = '2020-02-29T23:59:59.999Z'
  await emulator.turn('PATCH', clock, { frozen: true, now })
  const { body } = await emulator.of('t1', 'POST', '/device', { machineCode: 'm' })
  t.match(body, { data: { createTime: now } })
  await emulator.turn('PATCH', clock, { advance: 'PT0.001S' })
  t.match(await emulator.of('t1', 'POST', scopes, { moduleCode: '102', scopeList: [{ localPath: '/a' }] }), {
    body: { scopeList: [{ createTime: '2020-03-01T00:00:00.000Z' }] },
  })
})

t.test('DEC-31: ids never repeat and createTime goes on when the clock is set back', async (t) => {
  const emulator = await controlFor(t)
  const seen: { id: bigint; createTime: string }[] = []
  const add = async (count: number) => {
    const scopeList = Array.from({ length: count }, (_, index) => ({ localPath: `/${seen.length + index}` }))
    const { body } = await emulator.of('t1', 'POST', scopes, { moduleCode: '102', scopeList })
    for (const { scopeId, createTime } of (body?.['scopeList'] ?? []) as { scopeId: string; createTime: string }[]) {
      seen.push({ id: BigInt(scopeId), createTime })
    }
  }
  await emulator.turn('PATCH', clock, { frozen: true })
  for (const now of [iso(noon), iso(noon - 1), iso(epochMillis), iso(noon), '2020-01-01T00:00:00Z', iso(noon + 2)]) {
    await emulator.turn('PATCH', clock, { now })
    await add(100)
  }
  t.equal(new Set(seen.map(({ id }) => id)).size, 600)
  for (const [index, { id, createTime }] of seen.entries()) {
    const before = seen[index - 1]
    if (before && id <= before.id) t.fail(`${id} comes after ${before.id}`)
    const instant = Number(id >> 23n) + epochMillis
    if (createTime !== iso(instant)) t.fail(`${id} was made at ${createTime}`)
  }
  t.equal(seen[0]?.createTime, iso(noon))
  t.equal(seen.at(-1)?.createTime, iso(noon + 4), 'the 129th id of a millisecond takes the next one')
})

t.test(
  'DEC-27: no record ends before it began, though the clock was set back or a document has no id of it',
  async (t) => {
    const emulator = await controlFor(t)
    await emulator.turn('PATCH', clock, { frozen: true, now: iso(noon) })
    const { body: locked } = await emulator.of('t1', 'POST', '/lock', { moduleCode: '102' })
    const headers = { 'x-backup-lock-id': Object(locked?.['data']).lockId }
    const wanted = { moduleCode: '102', deviceId: 'd' }
    const { recordId } = Object((await emulator.of('t1', 'POST', '/record', wanted, headers)).body?.['data'])
    await emulator.turn('PATCH', clock, { now: iso(noon - 3_600_000) })
    t.equal(await emulator.code('t1', 'PATCH', `/record/${recordId}`, {}, headers), 0)
    const { body } = await emulator.of('t1', 'GET', `/record/${recordId}`)
    t.match(body, { data: { status: 1, createTime: iso(noon), endTime: iso(noon) } })
    const devices = [{ deviceId: 'd', machineCode: 'm' }]
    const records = [{ ...wanted, endTime: iso(noon - 1) }]
    await emulator.turn('PUT', '/worlds/t2/state', { users: { u: { devices, records } } })
    const { body: listed } = await emulator.of('t2', 'GET', '/record?moduleCode=102&pageSize=1', undefined, {
      'x-user-id': 'u',
    })
    const [record] = Object(listed)['data']
    t.match(record, { status: 1, endTime: record.createTime })
  },
)

t.test('a world in a file keeps its clocks and its ids over a restart', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const path = '/worlds/default/clock'
  const deviceOf = async (emulator: Control, machineCode: string, at: unknown) => {
    const headers = { 'x-date': xDate(Date.parse(String(at))) }
    return Object((await emulator.of('default', 'POST', '/device', { machineCode }, headers)).body?.['data'])
  }
  for (const [change, later] of [
    [{ frozen: true, now: '2024-01-01T00:00:00.000Z', skew: '-PT1M' }, '2024-01-01T00:00:00.000Z'],
    [{ frozen: false, now: '2024-01-01T00:00:00.000Z', signing: 'state' }, '2024-01-01T01:00:00.000Z'],
  ] as const) {
    const first = await controlFor(t, { db })
    const view = await first.turn('PATCH', path, change)
    const device = await deviceOf(first, `m${change.frozen}`, view['signingNow'])
    await first.server.close()
    first.worlds.close()
    const second = await controlFor(t, { db })
    second.time.now += 3_600_000
    const signing = { signing: view['signing'], skew: view['skew'], frozen: view['frozen'] }
    t.match(await second.turn('GET', path), { ...signing, now: later })
    const next = await second.worlds.main.ids.next(second.world.clock.stateNow())
    t.ok(next.id > BigInt(device['deviceId']), 'ids go on')
    await second.server.close()
    second.worlds.close()
  }
})

t.test('the base path needs no clock of its own', async (t) => {
  const emulator = await controlFor(t)
  await emulator.turn('PATCH', '/worlds/default/clock', { skew: 'PT16M' })
  const { statusCode, headers } = await emulator.server.inject({ method: 'GET', url: `${basePath}/nowhere` })
  t.match([statusCode, headers['date']], [404, new Date(noon + 960_000).toUTCString()])
  t.equal(await emulator.code('t1', 'GET', '/device'), 0)
})
