import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { Seed } from '../schemas/seed.ts'
import { catalogue } from '../src/errors.ts'
import { JournalBudget } from '../src/journal/journal.ts'
import { openDatabase } from '../src/store/database.ts'
import { lastMillis, snowflake } from '../src/store/snowflake.ts'
import { createStore } from '../src/store/store.ts'
import { createWorld } from '../src/world/beginning.ts'
import { createRandom, randomFrom } from '../src/world/random.ts'
import { filesPath, targetOf } from './fixtures/backup.ts'
import type { Control, Reply } from './fixtures/control.ts'
import { controlFor, modules } from './fixtures/control.ts'
import { noon } from './fixtures/emulator.ts'
import { instants, states } from './fixtures/states.ts'

const iso = (millis: number): string => new Date(millis).toISOString()
const dataOf = ({ body }: Reply): Record<string, unknown> => Object(body?.['data'])

/** Every operation for a user, each where it succeeds if it can; answers all that was answered. */
async function everything(emulator: Control, name: string, userId: string, user: object): Promise<Reply[]> {
  const replies: Reply[] = []
  const ask = async (method: string, path: string, body?: unknown, lock = 'none'): Promise<Reply> => {
    const headers = { 'x-user-id': userId, 'x-backup-lock-id': lock }
    const reply = await emulator.of(name, method, path, body, headers)
    replies.push(reply)
    return reply
  }
  const { devices = [], locks = [], records = [] }: NonNullable<Seed['users']>[string] = user
  const bound = dataOf(await ask('POST', '/device', { machineCode: 'new' }))['deviceId']
  await ask('GET', '/device')
  for (const deviceId of [bound, 'adopted', ...devices.map((device) => device.deviceId)]) {
    const scopeList = Array.from({ length: 70 }, (_, index) => ({ localPath: `/new${index}` }))
    const added = await ask('POST', `/device/${deviceId}/scope`, { moduleCode: '102', scopeList })
    const { scopeId } = Object((added.body?.['scopeList'] as unknown[] | undefined)?.[0])
    await ask('DELETE', `/device/${deviceId}/scope`, { scopeIdList: [scopeId ?? '1'] })
    await ask('GET', `/device/${deviceId}/scope?moduleCode=102`)
    const change = { moduleCode: '102', configName: 'a', currentConfigValue: 'b', newConfigValue: 'c' }
    await ask('PATCH', `/device/${deviceId}/config`, change)
    await ask('GET', `/device/${deviceId}/config?moduleCode=102&configName=a`)
    await ask('GET', `/device/${deviceId}/configs?moduleCode=102`)
  }
  for (const moduleCode of modules) {
    const held = locks.find((lock) => lock.moduleCode === moduleCode)?.lockId
    const lock = String(dataOf(await ask('POST', '/lock', { moduleCode }))['lockId'] ?? held)
    await ask('PATCH', '/lock', undefined, lock)
    const made = dataOf(await ask('POST', '/record', { moduleCode, deviceId: bound }, lock))['recordId']
    for (const { deviceId } of devices) await ask('POST', '/record', { moduleCode, deviceId }, lock)
    const of = records.filter((record) => record.moduleCode === moduleCode)
    for (const recordId of [made, ...of.map((record) => record.recordId)]) {
      const file = { sha256: 'ab'.repeat(32), length: 0 }
      await ask('POST', `/record/${recordId}/file`, { ...file, fileName: 'new' }, lock)
      const created = await ask('POST', `/record/${recordId}/file`, { fileName: 'f' }, lock)
      const { uploadUrl } = Object((created.body?.['multiParts'] as unknown[] | undefined)?.[0])
      if (uploadUrl)
        await emulator.server.inject({ method: 'PUT', url: targetOf(String(uploadUrl)), payload: 'content' })
      await ask('POST', `!${filesPath}/complete`, { fileId: created.body?.['fileId'] }, lock)
      await ask('GET', `/record/${recordId}/files?pageSize=100`)
      await ask('PATCH', `/record/${recordId}`, {}, lock)
    }
    await ask('GET', `/record?moduleCode=${moduleCode}&pageSize=100`)
    await ask('GET', `/record/${made}`)
    await ask('DELETE', `/record/${made}`, undefined, lock)
    await ask('DELETE', '/lock', undefined, lock)
  }
  await ask('DELETE', `/device/${bound}`)
  return replies
}

/** An answer that no accepted state should lead to: a failure, or a record that ended before it began. */
const isWrong = ({ status, body }: Reply): boolean =>
  status >= 500 ||
  [body?.['data']].flat().some((record) => {
    const { createTime = '', endTime = '' } = Object(record)
    return endTime !== '' && endTime < createTime
  })

/** Makes a world anew that has nothing, and whose clock stands still. */
async function begin(emulator: Control, name: string, instant: number): Promise<void> {
  await emulator.turn('PUT', `/worlds/${name}`, { seed: 'none', random: 0 })
  await emulator.turn('PATCH', `/worlds/${name}/clock`, { frozen: true, now: iso(instant) })
}

const device = { deviceId: 'd', machineCode: 'm' }
const sent = { 'x-user-id': 'u' }
/** A world whose clock stands at noon and whose user `u` has a device, beside what a document says. */
async function worldOf(t: import('tap').Test, user: object, position?: object): Promise<Control> {
  const emulator = await controlFor(t)
  await begin(emulator, 'w', noon)
  const document = { users: { u: { devices: [device], ...user } }, ...(position && { position }) }
  await emulator.turn('PUT', '/worlds/w/state', document)
  return emulator
}

t.test('DEC-29 DEC-31: a pending upload and a lock whose ids are still to be drawn stay whose they are', async (t) => {
  const random = createRandom(randomFrom(0))
  const [first, second] = [random.uuid(), random.uuid()]
  const files = [first, second].map((uploadId) => ({ fileName: uploadId, uploadId }))
  const records = [{ moduleCode: '102', deviceId: 'd', recordId: '7', files }]
  const expiresAt = iso(noon + 60_000)
  const emulator = await worldOf(t, { records, locks: [{ moduleCode: '100', lockId: `${first}@100`, expiresAt }] })
  const before = await emulator.state('w')
  t.equal(await emulator.code('w', 'POST', '/lock', { moduleCode: '100' }, { 'x-user-id': 'other' }), 0)
  t.match(await emulator.state('w'), { users: { u: { locks: [{ lockId: `${first}@100` }] } } }, 'DEC-4')

  await emulator.turn('PUT', '/worlds/w/state', { ...before, position: { random: randomFrom(0) } })
  const lock = String(dataOf(await emulator.of('w', 'POST', '/lock', { moduleCode: '102' }, sent))['lockId'])
  await emulator.turn('PUT', '/worlds/w/state', { ...(await emulator.state('w')), position: { random: randomFrom(0) } })
  const headers = { ...sent, 'x-backup-lock-id': lock }
  const { body } = await emulator.of('w', 'POST', '/record/7/file', { fileName: 'new' }, headers)
  t.match(body, { code: 0, uploadId: /^[0-9A-F]{32}$/ })
  t.notOk([first, second].includes(String(body?.['uploadId'])), 'one that nobody has')

  const issue = async () => (await emulator.turn('POST', '/worlds/w/tokens', { userId: 'u' }))['token']
  await emulator.turn('PUT', '/worlds/w/state', { position: { random: randomFrom(3) } })
  const token = await issue()
  await emulator.turn('PUT', '/worlds/w/state', { position: { random: randomFrom(3) } })
  t.not(await issue(), token, 'nor is a token issued again')
})

t.test('DEC-31: ids of a time to come are passed over, in a file after a restart as well', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const [next, after] = [snowflake(noon, 527, 1), snowflake(noon + 1, 527, 0)].map(String)
  const scopes = [next, after].map((scopeId) => ({ moduleCode: '102', localPath: `/${scopeId}`, scopeId }))
  const records = [
    { moduleCode: '102', deviceId: 'd' },
    { moduleCode: '102', deviceId: 'd', recordId: next },
  ]
  const document = { users: { u: { devices: [{ ...device, scopes }], records } } }
  const scopeList = Array.from({ length: 100 }, (_, index) => ({ localPath: `/${index}` }))
  const add = (emulator: Control, moduleCode: string) =>
    emulator.of('default', 'POST', '/device/d/scope', { moduleCode, scopeList }, sent)
  const seen = new Set<unknown>()
  const begun = await controlFor(t, { db, seed: 'none' })
  await begun.turn('PATCH', '/worlds/default/clock', { frozen: true, now: iso(noon - 1) })
  await begun.turn('PUT', '/worlds/default/state', document)
  await begun.turn('PATCH', '/worlds/default/clock', { now: iso(noon) })
  const emulators = [begun, begun, undefined, undefined]
  let open = begun
  for (const [index, same] of emulators.entries()) {
    if (!same) {
      await open.server.close()
      open.worlds.close()
      open = await controlFor(t, { db, seed: 'none' })
    }
    const { body } = await add(open, ['100', '101', '102', '102'][index] ?? '')
    t.equal(body?.['code'], 0)
    for (const { scopeId } of (body?.['scopeList'] ?? []) as { scopeId: string }[]) seen.add(scopeId)
  }
  t.equal(seen.size, 300)
  t.notOk(seen.has(next) || seen.has(after))
})

t.test('DEC-16 DEC-31: a device that a client named before its id was issued is not bound twice', async (t) => {
  const emulator = await worldOf(t, {})
  const named = [0, 1].map((sequence) => String(snowflake(noon, 527, sequence)))
  for (const deviceId of named) {
    const change = { moduleCode: '102', configName: 'a', currentConfigValue: 'b', newConfigValue: 'c' }
    t.equal(await emulator.code('w', 'PATCH', `/device/${deviceId}/config`, change, sent), 0)
  }
  const bound = dataOf(await emulator.of('w', 'POST', '/device', { machineCode: 'new' }, sent))
  t.equal(bound['deviceId'], String(snowflake(noon, 527, 2)))
  t.equal(await emulator.code('w', 'POST', '/device', { machineCode: 'next' }, { 'x-user-id': 'v' }), 0)
})

t.test('COM-9 COM-10 DEC-16: an adopted device was made when its id says, if its id is one of 19 digits', async (t) => {
  const emulator = await worldOf(t, {})
  for (const [deviceId, createTime] of [
    ['1842846715527366528', '2025-12-17T07:27:27.709Z'],
    ['1001', iso(noon)],
    ['0', iso(noon)],
    ['999999999999999999', iso(noon)],
    ['phone', iso(noon)],
  ] as const) {
    const user = { 'x-user-id': `of-${deviceId}` }
    const change = { moduleCode: '102', configName: 'a', currentConfigValue: 'b', newConfigValue: 'c' }
    await emulator.of('w', 'PATCH', `/device/${deviceId}/config`, change, user)
    t.match((await emulator.of('w', 'GET', '/device', undefined, user)).body, { data: [{ deviceId, createTime }] })
  }
})

t.test('DEC-31: at its last instant a world goes on, and so does one that takes over its state', async (t) => {
  const emulator = await controlFor(t)
  await begin(emulator, 'one', lastMillis)
  const scopeList = Array.from({ length: 100 }, (_, index) => ({ localPath: `/${index}` }))
  for (const moduleCode of modules) {
    t.equal(await emulator.code('one', 'POST', '/device/d/scope', { moduleCode, scopeList }), 0)
  }
  const document = await emulator.state('one')
  t.equal(document.position?.lastId, String(snowflake(lastMillis, 527, 127)))
  await begin(emulator, 'two', lastMillis)
  await emulator.turn('PUT', '/worlds/two/state', document)
  t.strictSame(await emulator.state('two'), document)
  const { body } = await emulator.of('two', 'POST', '/device', { machineCode: 'm' })
  t.match(body, { code: 0, data: { deviceId: String(snowflake(lastMillis + 2, 527, 44)) } }, 'none is issued again')
})

t.test('DEC-27: versions go on above all that are given, to the last that JSON can carry', async (t) => {
  const last = Number.MAX_SAFE_INTEGER
  const records = [
    { moduleCode: '102', deviceId: 'd' },
    { moduleCode: '102', deviceId: 'd', version: last - 2 },
  ]
  const emulator = await worldOf(t, { records })
  t.match(await emulator.state('w'), { users: { u: { records: [{ version: last - 1 }, { version: last - 2 }] } } })
  const lock = String(dataOf(await emulator.of('w', 'POST', '/lock', { moduleCode: '102' }, sent))['lockId'])
  const headers = { ...sent, 'x-backup-lock-id': lock }
  const create = () => emulator.of('w', 'POST', '/record', { moduleCode: '102', deviceId: 'd' }, headers)
  t.match((await create()).body, { data: { version: last } })
  const document = await emulator.state('w')
  const refused = await create()
  t.match(refused, { status: 400, body: { code: 13000102 } })
  t.match(refused.headers['x-emulator-reason'], /versions are used up; the last is 9007199254740991 \[DEC-27\]$/)
  t.strictSame(await emulator.state('w'), document, 'nothing is left of it')
  await emulator.turn('PUT', '/worlds/w/state', document)
})

t.test('DEC-27: no record ends before it began, wherever the clock and the ids stand', async (t) => {
  const emulator = await worldOf(t, { records: [{ moduleCode: '101', deviceId: 'd', endTime: iso(noon - 1) }] })
  const ended = await emulator.of('w', 'GET', '/record?moduleCode=101&pageSize=1', undefined, sent)
  t.match(ended.body, { data: [{ createTime: iso(noon), endTime: iso(noon) }] }, 'made by the document itself')
  const scopeList = Array.from({ length: 100 }, (_, index) => ({ localPath: `/${index}` }))
  const lock = String(dataOf(await emulator.of('w', 'POST', '/lock', { moduleCode: '102' }, sent))['lockId'])
  const headers = { ...sent, 'x-backup-lock-id': lock }
  for (const moduleCode of modules) await emulator.of('w', 'POST', '/device/d/scope', { moduleCode, scopeList }, sent)
  const { recordId } = dataOf(await emulator.of('w', 'POST', '/record', { moduleCode: '102', deviceId: 'd' }, headers))
  await emulator.turn('PATCH', '/worlds/w/clock', { now: iso(noon - 1000) })
  t.equal(await emulator.code('w', 'PATCH', `/record/${recordId}`, {}, headers), 0)
  const { createTime, endTime } = dataOf(await emulator.of('w', 'GET', `/record/${recordId}`, undefined, sent))
  t.strictSame([createTime, endTime], [iso(noon + 2), iso(noon + 2)])
})

t.test('DEC-4: a user may be called like a property that every object has', async (t) => {
  const emulator = await controlFor(t)
  for (const user of ['__proto__', 'constructor', 'toString']) {
    const headers = { 'x-user-id': user }
    await begin(emulator, 'w', noon)
    t.equal(await emulator.code('w', 'POST', '/device', { machineCode: 'm' }, headers), 0)
    const document = await emulator.state('w')
    t.strictSame(Object.keys(document.users ?? {}), [user])
    await emulator.turn('PUT', '/worlds/w/state', document)
    t.match((await emulator.of('w', 'GET', '/device', undefined, headers)).body, { data: [{ machineCode: 'm' }] })
    await emulator.turn('PUT', '/worlds/seeded', { seed: document })
    t.equal(JSON.stringify(await emulator.state('seeded')), JSON.stringify(document))
  }
})

t.test('whatever state is taken, no operation fails on it, and what it becomes is taken again', async (t) => {
  const emulator = await controlFor(t, { logLevel: 'silent', maxWorlds: '5' })
  let taken = 0
  const property = fc.asyncProperty(states, fc.constantFrom(...instants), async (document, instant) => {
    for (const name of ['one', 'two']) await begin(emulator, name, instant)
    const { status, body } = await emulator.ask('PUT', '/worlds/one/state', document)
    if (status === 400) return
    taken += 1
    t.equal(status, 200, String(body?.['detail']))
    for (const [userId, user] of Object.entries(document.users ?? {})) {
      const replies = await everything(emulator, 'one', userId, user)
      t.strictSame(replies.filter(isWrong), [], userId)
    }
    const after = await emulator.state('one')
    await emulator.turn('PUT', '/worlds/two/state', after)
    t.equal(JSON.stringify(await emulator.state('two')), JSON.stringify(after)) // of which tap would not see `__proto__`
  })
  await fc.assert(property, { numRuns: 25, seed: 11 })
  t.ok(taken > 8, `${taken} of 25 were taken`)
})

t.test('DEC-31: after a restart, too, ids of the future that are taken are passed over', async (t) => {
  const store = createStore(openDatabase(':memory:', 'normal'))
  t.teardown(() => store.close())
  const settings = {
    auth: 'any',
    devices: 'adopt',
    errorStatus: 'http',
    completion: 'explicit',
    scopesPerModule: 9,
  } as const
  const scopeId = String(snowflake(noon + 1, 7, 0))
  const scopes = [{ moduleCode: '100' as const, scopeId, localPath: '/a' }]
  const document = { users: { u: { devices: [{ deviceId: 'd', machineCode: 'A', scopes }] } } }
  const origins = {
    name: 'default',
    own: {},
    settings: { ...settings, worker: 7, random: 1, unkind: null, changes: false },
    seed: { choice: 'document', document },
    errors: catalogue,
    store,
    wallClock: () => noon + 1,
    journals: new JournalBudget(0),
  }
  createWorld({ ...origins, wallClock: () => noon })
  const { ids } = createWorld(origins)
  t.equal(String(ids.next(noon + 1).id), String(snowflake(noon + 1, 7, 1)))
})
