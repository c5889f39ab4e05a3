import t from 'tap'
import type { Store } from '../src/store/store.ts'
import { createStore } from '../src/store/store.ts'
import { cursors } from '../src/world/cursor.ts'
import type { BackupRecord, Backups, Send } from './fixtures/backup.ts'
import { backupsFor, exchange, listen, minutes, requestText } from './fixtures/backup.ts'
import { exampleDevice, exampleUser } from './fixtures/emulator.ts'
import { plansOf } from './fixtures/plans.ts'

const invalid = { code: 13000102, msg: 'Verify parameters failed.' }
const notFound = { code: 13000309, msg: 'The resource does not exist.' }
const notHeld = { code: 13990424, msg: 'The backup lock is not held.' }
const completed = { code: 13990425, msg: 'The backup record is already completed.' }
const done = { code: 0, msg: 'success' }

const unknownLock = '78e41c7e-db02-4d55-85b3-8153e4fefd2e@102'
const unknownRecord = '1842846715527366528'
const whole = { moduleCode: '102', deviceId: exampleDevice }

/** The operations that write, as requests on a record. */
const writing: [id: string, method: string, path: (recordId: string) => string, body: unknown][] = [
  ['createBackupRecord', 'POST', () => '/record', whole],
  ['completeBackup', 'PATCH', (recordId) => `/record/${recordId}`, {}],
  ['deleteBackupRecord', 'DELETE', (recordId) => `/record/${recordId}`, undefined],
]

interface Page {
  readonly code: number
  readonly data: BackupRecord[]
  readonly nextCursor?: string
}

/** One page of a list of records. */
async function page({ send }: Backups, query: Record<string, string | number>, options?: Send): Promise<Page> {
  const text = new URLSearchParams({ moduleCode: '102', pageSize: '2', ...query } as Record<string, string>)
  return (await send('GET', `/record?${text}`, options)).json()
}

const idsOf = ({ data }: Page): string[] => data.map(({ recordId }) => recordId)

/** A list from its first page to its last. */
async function allPages(backups: Backups, pageSize: number, query: Record<string, string> = {}): Promise<Page[]> {
  const pages = [await page(backups, { pageSize, ...query })]
  for (let cursor = pages[0]?.nextCursor; cursor !== undefined; cursor = pages.at(-1)?.nextCursor) {
    pages.push(await page(backups, { pageSize, ...query, cursor }))
  }
  return pages
}

/** An emulator with so many records, and the lock they were made under. */
async function filled(t: import('tap').Test, count: number, db = ':memory:') {
  const backups = await backupsFor(t, { db })
  const lock = await backups.lock()
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.push((await backups.record(lock)).recordId)
  return { backups, lock, ids }
}

t.test('contract', async (t) => {
  const backups = await backupsFor(t)
  const { send } = backups
  const lock = await backups.lock()
  const { recordId } = await backups.record(lock)

  for (const [id, method, path, body] of writing) {
    t.test(`COM-6 DEC-26: ${id} without a well-formed lock header is invalid`, async (t) => {
      for (const [shown, reason] of [
        [undefined, 'x-backup-lock-id is missing'],
        ['', 'x-backup-lock-id is empty'],
        ['a b', 'x-backup-lock-id is a string of 3'],
      ] as const) {
        const response = await send(method, path(recordId), { body, lock: shown })
        t.equal(response.statusCode, 400)
        t.same(response.json(), invalid)
        t.match(response.headers['x-emulator-reason'], reason)
      }
    })
  }

  t.test('COM-6: every writing operation refuses the lock header given twice', async (t) => {
    const backups = await backupsFor(t)
    const port = await listen(backups)
    const lock = await backups.lock()
    const { recordId } = await backups.record(lock)
    const lines = [
      ...Object.entries(backups.headers()),
      ['x-backup-lock-id', lock],
      ['x-backup-lock-id', lock],
    ] as const
    for (const [, method, path] of writing) {
      const answer = await exchange(port, requestText(method, path(recordId), lines))
      t.match(answer, '"code":13000102')
      t.match(answer, 'x-backup-lock-id was sent more than once')
    }
  })

  const creations: [title: string, body: unknown, reason: string][] = [
    ['no body', undefined, 'body is missing; expected an object'],
    ['a list', '[]', 'body is an array of 0'],
    ['no moduleCode', { deviceId: 'd' }, 'body/moduleCode is missing'],
    ['module 099', { ...whole, moduleCode: '099' }, 'body/moduleCode is a string of 3'],
    ['module 103', { ...whole, moduleCode: '103' }, 'body/moduleCode is a string of 3'],
    ['a module that is a number', { ...whole, moduleCode: 102 }, 'body/moduleCode is a number'],
    ['no deviceId', { moduleCode: '102' }, 'body/deviceId is missing'],
    ['an empty deviceId', { ...whole, deviceId: '' }, 'body/deviceId is empty'],
    ['a deviceId of 65', { ...whole, deviceId: 'd'.repeat(65) }, 'body/deviceId is a string of 65'],
    ['a deviceId with a dot', { ...whole, deviceId: 'a.b' }, 'body/deviceId is a string of 3'],
    ['a deviceId that is a number', { ...whole, deviceId: 1 }, 'body/deviceId is a number'],
    ['properties that are an object', { ...whole, properties: {} }, 'body/properties is an object'],
    ['properties that are a number', { ...whole, properties: 1 }, 'body/properties is a number'],
  ]
  for (const [title, body, reason] of creations) {
    t.test(`REC-1 COM-7 DEC-9: creating a record refuses ${title}`, async (t) => {
      const response = await send('POST', '/record', { body, lock })
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    })
  }

  t.test('REC-1 DEC-9: a deviceId has 1 to 64 characters', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    for (const deviceId of ['d', 'A-z_9', 'd'.repeat(63), 'd'.repeat(64)]) {
      t.equal((await backups.record(lock, { deviceId })).deviceInfo['deviceId'], deviceId)
    }
  })

  t.test('REC-1 REC-5 DEC-27: properties must parse as JSON', async (t) => {
    const good = ['{}', '[]', 'null', '1', '""', ' {"a":[1,{"b":"\u00fc"}]} ', '"\\ud800"', `[${'1,'.repeat(9999)}1]`]
    const bad = ['', ' ', '{', "{'a':1}", 'undefined', '{"a":1,}', '01', 'NaN', '{}{}', '\ufeff{}']
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    for (const properties of good) {
      const record = await backups.record(lock, { properties })
      t.equal(record.properties, properties)
      const path = `/record/${record.recordId}`
      t.same((await backups.send('PATCH', path, { body: { properties }, lock })).json(), done, properties.slice(0, 20))
    }
    const { recordId } = await backups.record(lock)
    for (const properties of bad) {
      for (const [method, path, body] of [
        ['POST', '/record', { ...whole, properties }],
        ['PATCH', `/record/${recordId}`, { properties }],
      ] as const) {
        const response = await backups.send(method, path, { body, lock })
        t.same(response.json(), invalid, JSON.stringify(properties))
        t.match(
          response.headers['x-emulator-reason'],
          /^body\/properties is .*; expected a string holding JSON \[REC-1 DEC-27\]$/,
        )
      }
    }
  })

  t.test('REC-5: completing takes an empty object, null and what nobody knows, but no missing body', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    for (const body of ['{ }', '{}', { properties: null }, { extra: 1 }]) {
      const { recordId } = await backups.record(lock)
      t.same((await backups.send('PATCH', `/record/${recordId}`, { body, lock })).json(), done)
    }
    const { recordId } = await backups.record(lock)
    for (const [body, reason] of [
      [undefined, 'body is missing; expected an object'],
      ['null', 'body is null'],
      ['[]', 'body is an array of 0'],
      [{ properties: 5 }, 'body/properties is a number'],
    ] as const) {
      const response = await backups.send('PATCH', `/record/${recordId}`, { body, lock })
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    }
    t.match((await backups.send('GET', `/record/${recordId}`)).json().data, { status: 0 })
  })

  t.test('DEC-9: a recordId in the path has 1 to 64 letters, digits, dashes and underscores', async (t) => {
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const) {
      for (const id of ['r', '-', 'r'.repeat(63), 'r'.repeat(64), '0', '9223372036854775808', '00', unknownRecord]) {
        t.same((await send(method, `/record/${id}`, { body, lock })).json(), notFound, `${method} ${id}`)
      }
      for (const id of ['r'.repeat(65), 'a.b', 'a%20b', 'a%2Fb', '%C3%BC', `${recordId}%0A`]) {
        const response = await send(method, `/record/${id}`, { body, lock })
        t.same(response.json(), invalid, `${method} ${id}`)
        t.match(
          response.headers['x-emulator-reason'],
          /^path\/recordId is a string of \d+( with .+ at character \d+)?; expected a string matching/,
        )
      }
    }
  })

  const queries: [title: string, query: string, reason: string][] = [
    ['no moduleCode', 'pageSize=1', 'query/moduleCode is missing'],
    ['module 099', 'moduleCode=099&pageSize=1', 'query/moduleCode is a string of 3'],
    ['module 103', 'moduleCode=103&pageSize=1', 'query/moduleCode is a string of 3'],
    ['no pageSize', 'moduleCode=102', 'query/pageSize is missing; expected an integer from 1 to 100'],
    ['pageSize 0', 'moduleCode=102&pageSize=0', 'query/pageSize is a number; expected an integer from 1 to 100'],
    ['pageSize 101', 'moduleCode=102&pageSize=101', 'query/pageSize is a number; expected an integer from 1 to 100'],
    ['pageSize -1', 'moduleCode=102&pageSize=-1', 'query/pageSize is a string of 2'],
    ['pageSize +1', 'moduleCode=102&pageSize=+1', 'query/pageSize is a string of 2'],
    ['pageSize 1.0', 'moduleCode=102&pageSize=1.0', 'query/pageSize is a string of 3'],
    ['pageSize 1e1', 'moduleCode=102&pageSize=1e1', 'query/pageSize is a string of 3'],
    ['an empty pageSize', 'moduleCode=102&pageSize=', 'query/pageSize is empty'],
    ['a pageSize of Arabic digits', 'moduleCode=102&pageSize=%D9%A1', 'query/pageSize is a string of 1'],
    ['pageSize twice', 'moduleCode=102&pageSize=1&pageSize=1', 'query/pageSize was given twice'],
    ['cursor twice', 'moduleCode=102&pageSize=1&cursor=a&cursor=a', 'query/cursor was given twice'],
    ['a cursor of 1,001', `moduleCode=102&pageSize=1&cursor=${'c'.repeat(1001)}`, 'query/cursor is a string of 1001'],
    ['a cursor of 1,000', `moduleCode=102&pageSize=1&cursor=${'c'.repeat(1000)}`, 'query/cursor was not made for'],
    ['an empty cursor', 'moduleCode=102&pageSize=1&cursor=', 'query/cursor is empty; leave it out on the first page'],
    ['an empty deviceId', 'moduleCode=102&pageSize=1&deviceId=', 'query/deviceId is empty'],
    ['a deviceId of 65', `moduleCode=102&pageSize=1&deviceId=${'d'.repeat(65)}`, 'query/deviceId is a string of 65'],
  ]
  for (const [title, query, reason] of queries) {
    t.test(`REC-4 DEC-8 DEC-28: listing records refuses ${title}`, async (t) => {
      const response = await send('GET', `/record?${query}`)
      t.equal(response.statusCode, 400)
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    })
  }

  t.test('REC-4: page sizes 1, 2, 99 and 100, and device ids of 1 to 64 characters, are taken', async (t) => {
    for (const pageSize of ['1', '2', '99', '100', '007']) t.equal((await page(backups, { pageSize })).code, 0)
    for (const deviceId of ['d', 'd'.repeat(63), 'd'.repeat(64)]) t.equal((await page(backups, { deviceId })).code, 0)
  })

  t.test('COM-6 DEC-26: on reads the lock header is optional and not checked', async (t) => {
    for (const shown of [undefined, '', 'any thing', unknownLock]) {
      t.equal((await send('GET', `/record/${recordId}`, { lock: shown })).json().code, 0)
      t.equal((await page(backups, {}, { lock: shown })).code, 0)
    }
  })
})

t.test('rule', async (t) => {
  t.test('REC-1 REC-2 REC-3 DEC-27: a new record is open, with every documented string present', async (t) => {
    const { send, lock, time } = await backupsFor(t)
    const response = await send('POST', '/record', { body: whole, lock: await lock() })
    t.same(Object.keys(response.json()), ['data', 'code', 'msg'])
    const { data } = response.json()
    t.same(data, {
      recordId: String((BigInt(time.now - 1_546_272_000_000) << 23n) | (527n << 7n)),
      moduleCode: '102',
      status: 0,
      properties: '',
      version: 1,
      createTime: '2025-12-17T12:00:00.000Z',
      endTime: '',
      deviceInfo: {
        deviceId: exampleDevice,
        machineCode: '20251217',
        deviceName: 'Magic-v5',
        deviceOS: 'android',
        createTime: '2025-12-17T06:19:01.803Z',
      },
    })
    t.same((await send('GET', `/record/${data.recordId}`)).json(), { data, ...done }, 'as it is viewed')
  })

  t.test('REC-2 REC-5 DEC-27: completing sets status and endTime, and nothing else', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    const record = await backups.record(lock, { properties: '{"a":1}' })
    backups.time.now += 1_234
    const path = `/record/${record.recordId}`
    const response = await backups.send('PATCH', path, { body: {}, lock })
    t.same(response.json(), done)
    const { data } = (await backups.send('GET', path)).json()
    t.same(data, { ...record, status: 1, endTime: '2025-12-17T12:00:01.234Z' })
  })

  for (const [title, before, given, after] of [
    ['replaced where they are given', '{"a":1}', '[2]', '[2]'],
    ['set where there were none', undefined, '[2]', '[2]'],
    ['kept where they are not given', '{"a":1}', undefined, '{"a":1}'],
    ['kept where they are null', '{"a":1}', null, '{"a":1}'],
    ['empty where there never were any', undefined, undefined, ''],
  ] as const) {
    t.test(`REC-5 DEC-27: on completing, properties are ${title}`, async (t) => {
      const backups = await backupsFor(t)
      const lock = await backups.lock()
      const { recordId } = await backups.record(lock, { properties: before })
      await backups.send('PATCH', `/record/${recordId}`, { body: { properties: given }, lock })
      t.equal((await backups.send('GET', `/record/${recordId}`)).json().data.properties, after)
    })
  }

  t.test('DEC-27: completing twice is recordCompleted and changes nothing', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    const { recordId } = await backups.record(lock)
    const complete = (body: object) => backups.send('PATCH', `/record/${recordId}`, { body, lock })
    await complete({ properties: '1' })
    const first = (await backups.send('GET', `/record/${recordId}`)).json()
    backups.time.now += 1000
    const again = await complete({ properties: '2' })
    t.equal(again.statusCode, 400)
    t.same(again.json(), completed)
    t.match(again.headers['x-emulator-reason'], 'path/recordId: this record is completed')
    t.same((await backups.send('GET', `/record/${recordId}`)).json(), first)
  })

  t.test('REC-6 DEC-27: deletion is immediate, of open and of completed records', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    for (const isCompleted of [false, true]) {
      const { recordId } = await backups.record(lock)
      const path = `/record/${recordId}`
      if (isCompleted) await backups.send('PATCH', path, { body: {}, lock })
      t.same((await backups.send('DELETE', path, { lock })).json(), done)
      t.same((await backups.send('GET', path)).json(), notFound)
      t.same((await backups.send('PATCH', path, { body: {}, lock })).json(), notFound)
      t.same((await backups.send('DELETE', path, { lock })).json(), notFound)
      t.same((await page(backups, {})).data, [])
    }
  })

  t.test('DEC-26: of two neighbouring checks that both fail, the first answers', async (t) => {
    const backups = await backupsFor(t, { devices: 'strict' })
    const { send } = backups
    const [lock, albumLock] = [await backups.lock(), await backups.lock('101')]
    const { recordId } = await backups.record(lock)
    await send('PATCH', `/record/${recordId}`, { body: {}, lock })
    const on = (id: string) => ({ PATCH: `/record/${id}`, DELETE: `/record/${id}`, file: `/record/${id}/file` })
    const cases: [
      title: string,
      method: string,
      path: string,
      lock: string | undefined,
      body: unknown,
      code: number,
    ][] = [
      ['header before lock', 'PATCH', on(recordId).PATCH, undefined, {}, invalid.code],
      ['header before path', 'PATCH', '/record/a.b', undefined, {}, invalid.code],
      ['contract before lock', 'PATCH', on(recordId).PATCH, unknownLock, { properties: '{' }, invalid.code],
      ['lock before record', 'PATCH', on(unknownRecord).PATCH, unknownLock, {}, notHeld.code],
      ['lock before record', 'DELETE', on(unknownRecord).DELETE, unknownLock, undefined, notHeld.code],
      ['lock before record', 'POST', on(unknownRecord).file, unknownLock, { fileName: 'f' }, notHeld.code],
      ['lock before device', 'POST', '/record', unknownLock, { ...whole, deviceId: 'unknown' }, notHeld.code],
      ['record before module', 'PATCH', on(unknownRecord).PATCH, albumLock, {}, notFound.code],
      ['record before module', 'DELETE', on(unknownRecord).DELETE, albumLock, undefined, notFound.code],
      ['device before module', 'POST', '/record', albumLock, { ...whole, deviceId: 'unknown' }, notFound.code],
      ['module before open', 'PATCH', on(recordId).PATCH, albumLock, {}, notHeld.code],
      ['module before open', 'POST', on(recordId).file, albumLock, { fileName: 'f' }, notHeld.code],
      ['module', 'DELETE', on(recordId).DELETE, albumLock, undefined, notHeld.code],
      ['module', 'POST', '/record', albumLock, whole, notHeld.code],
      ['open', 'PATCH', on(recordId).PATCH, lock, {}, completed.code],
      ['open', 'POST', on(recordId).file, lock, { fileName: 'f' }, completed.code],
    ]
    for (const [title, method, path, shown, body, code] of cases) {
      const response = await send(method, path, { lock: shown, body })
      t.equal(response.json().code, code, `${title}: ${method} ${path}`)
      if (title === 'header before path') t.match(response.headers['x-emulator-reason'], /^x-backup-lock-id is missing/)
      if (title.startsWith('module')) t.match(response.headers['x-emulator-reason'], 'the lock is of another module')
    }
    t.equal((await page(backups, {})).data.length, 1, 'and nothing was created or deleted')
  })

  for (const [id, method, path, body] of writing) {
    t.test(`DEC-26: ${id} under an expired lock, a released one or another user's is lockNotHeld`, async (t) => {
      const backups = await backupsFor(t)
      const { recordId } = await backups.record(await backups.lock())
      backups.time.now += 10 * minutes
      const expired = await backups.lock()
      backups.time.now += 10 * minutes
      const released = await backups.lock('101')
      await backups.send('DELETE', '/lock', { lock: released })
      const others = await backups.lock('102', 'another')
      for (const shown of [expired, released, others, 'anything']) {
        t.same((await backups.send(method, path(recordId), { body, lock: shown })).json(), notHeld)
      }
      t.match((await backups.send('GET', `/record/${recordId}`)).json(), { data: { status: 0 }, code: 0 })
    })
  }

  t.test("DEC-4: another user's record does not exist, for any operation", async (t) => {
    const backups = await backupsFor(t)
    const { recordId } = await backups.record(await backups.lock())
    const lock = await backups.lock('102', 'another')
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/files?pageSize=1', undefined],
      ['PATCH', '', {}],
      ['DELETE', '', undefined],
      ['POST', '/file', { fileName: 'f' }],
    ] as const) {
      const response = await backups.send(method, `/record/${recordId}${path}`, { body, lock, user: 'another' })
      t.same(response.json(), notFound, `${method} ${path}`)
    }
    t.same((await page(backups, {}, { user: 'another' })).data, [])
    t.match((await backups.send('GET', `/record/${recordId}`)).json().data, { status: 0 })
  })

  t.test('DEC-27: version counts per user, module and device, from 1', async (t) => {
    const backups = await backupsFor(t)
    const [book, album] = [await backups.lock('102'), await backups.lock('101')]
    const others = await backups.lock('102', 'another')
    const of = async (lock: string, body = {}, user = exampleUser) => (await backups.record(lock, body, user)).version
    t.same([await of(book), await of(book), await of(book)], [1, 2, 3])
    t.same([await of(album, { moduleCode: '101' }), await of(album, { moduleCode: '101' })], [1, 2])
    t.same([await of(book, { deviceId: 'd' }), await of(book, { deviceId: 'd' })], [1, 2])
    t.same([await of(others, {}, 'another'), await of(others, {}, 'another')], [1, 2])
    t.equal(await of(book), 4)
  })
})

t.test('effect', async (t) => {
  t.test('DEC-27: the version never goes back: not by deleting, not by refusing, not by restarting', async (t) => {
    const db = `${t.testdir({})}/emulator.db`
    const { backups, lock, ids } = await filled(t, 3, db)
    for (const id of ids) await backups.send('DELETE', `/record/${id}`, { lock })
    t.equal((await backups.record(lock)).version, 4)
    await backups.send('POST', '/record', { body: whole, lock: unknownLock })
    await backups.send('POST', '/record', { body: { ...whole, moduleCode: '101' }, lock })
    const last = await backups.record(lock)
    t.equal(last.version, 5)
    await backups.send('DELETE', `/record/${last.recordId}`, { lock })
    await backups.stop()
    const again = await backupsFor(t, { db })
    const next = await again.record(lock)
    t.equal(next.version, 6)
    t.ok(BigInt(next.recordId) > BigInt(last.recordId), 'DEC-31: nor does the id')
  })

  t.test('DEC-16: under adopt an unknown device is bound, and the reason says so; a refused one is not', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    const body = { ...whole, deviceId: 'fresh' }
    for (const [sent, shown] of [
      [{ ...body, properties: '{' }, lock],
      [body, unknownLock],
      [{ ...body, moduleCode: '101' }, lock],
    ] as const) {
      const refused = await backups.send('POST', '/record', { body: sent, lock: shown })
      t.not(refused.json().code, 0)
      t.equal(backups.world.store.devices.find(exampleUser, 'fresh'), undefined)
    }
    const response = await backups.send('POST', '/record', { body, lock })
    t.match(response.headers['x-emulator-reason'], 'devices=adopt bound it [DEC-16]')
    t.same(response.json().data.deviceInfo, {
      deviceId: 'fresh',
      machineCode: '',
      deviceName: '',
      deviceOS: '',
      createTime: '2025-12-17T12:00:00.000Z',
    })
    t.equal((await backups.send('POST', '/record', { body, lock })).headers['x-emulator-reason'], undefined)
  })

  t.test('DEC-17: a record shows its device as it is called now', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    const bind = async (body: object) => (await backups.send('POST', '/device', { body })).json().data
    const { deviceId } = await bind({ machineCode: 'PHONE1', deviceName: 'old' })
    const { recordId } = await backups.record(lock, { deviceId })
    const renamed = await bind({ machineCode: 'PHONE1', deviceName: 'new' })
    const { deviceInfo } = (await backups.send('GET', `/record/${recordId}`)).json().data
    t.same(deviceInfo, renamed)
    t.equal(deviceInfo.deviceName, 'new')
  })

  t.test('DEC-16: the list of an unknown device is empty under adopt, notFound under strict', async (t) => {
    const adopt = await backupsFor(t)
    t.same(await page(adopt, { deviceId: 'unknown' }), { data: [], ...done })
    t.equal(adopt.world.store.devices.find(exampleUser, 'unknown'), undefined, 'reading binds nothing')
    const strict = await backupsFor(t, { devices: 'strict' })
    t.same(await page(strict, { deviceId: 'unknown' }), notFound)
    t.same(await page(strict, { deviceId: exampleDevice }, { user: 'another' }), notFound, 'DEC-4')
    t.same(await page(strict, { deviceId: exampleDevice }), { data: [], ...done })
    const lock = await strict.lock()
    const body = { ...whole, deviceId: 'unknown' }
    t.same((await strict.send('POST', '/record', { body, lock })).json(), notFound)
  })

  for (const devices of ['adopt', 'strict']) {
    t.test(
      `DEC-16 DEC-18: under ${devices} an unbound device takes no record, and its records stay as they were`,
      async (t) => {
        const backups = await backupsFor(t, { devices })
        const lock = await backups.lock()
        const record = await backups.record(lock)
        await backups.send('DELETE', `/device/${exampleDevice}`)
        t.same((await backups.send('POST', '/record', { body: whole, lock })).json(), notFound)
        t.same(await page(backups, { deviceId: exampleDevice }), notFound)
        t.same((await page(backups, {})).data, [record])
        t.same((await backups.send('GET', `/record/${record.recordId}`)).json().data, record)
        const bound = await backups.send('POST', '/device', { body: { machineCode: '20251217', deviceName: 'New' } })
        const { deviceId } = bound.json().data
        t.same((await backups.send('GET', `/record/${record.recordId}`)).json().data, record)
        t.equal((await backups.record(lock, { deviceId })).version, 1, 'a new device counts from 1')
        t.same((await backups.send('PATCH', `/record/${record.recordId}`, { body: {}, lock })).json(), done)
      },
    )
  }

  t.test('REC-6: deleting a record takes its files along, and no others', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    const [gone, kept] = [await backups.record(lock), await backups.record(lock)]
    for (const { recordId } of [gone, kept]) {
      const { fileId, multiParts } = await backups.file(lock, recordId, { fileName: 'f' })
      await backups.put(multiParts[0]?.uploadUrl ?? '', 'content')
      await backups.complete(fileId)
    }
    t.same((await backups.send('DELETE', `/record/${gone.recordId}`, { lock })).json(), done)
    t.same((await backups.send('GET', `/record/${gone.recordId}/files?pageSize=9`)).json(), notFound)
    t.equal((await backups.send('GET', `/record/${kept.recordId}/files?pageSize=9`)).json().data.length, 1)
    t.same(backups.world.store.files.list(gone.recordId, -1n, 9), [])
    t.not(backups.world.store.files.list(kept.recordId, -1n, 9), [])
  })

  t.test('DEC-16 DEC-31: where a record cannot be stored, nothing is, and its id is given back', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    const { records } = backups.world.store
    const { add } = records
    let calls = 0
    t.intercept(records, 'add', {
      value: (...args: Parameters<typeof add>) => {
        calls += 1
        if (calls === 1) throw new Error('disk I/O error')
        return add(...args)
      },
    })
    const body = { ...whole, deviceId: 'fresh' }
    t.equal((await backups.send('POST', '/record', { body, lock })).statusCode, 500)
    t.equal(backups.world.store.devices.find(exampleUser, 'fresh'), undefined)
    t.equal(BigInt((await backups.record(lock)).recordId) & 127n, 0n, 'the first id of this instant')
  })
})

t.test('paging', async (t) => {
  for (const [count, pageSize, pages] of [
    [0, 1, [0]],
    [1, 1, [1]],
    [3, 1, [1, 1, 1]],
    [3, 2, [2, 1]],
    [4, 2, [2, 2]],
    [5, 2, [2, 2, 1]],
    [99, 100, [99]],
    [100, 100, [100]],
    [101, 100, [100, 1]],
  ] as const) {
    t.test(`DEC-28: ${count} records in pages of ${pageSize}: oldest first, no cursor on the last page`, async (t) => {
      const { backups, ids } = await filled(t, count)
      const all = await allPages(backups, pageSize)
      t.same(
        all.map(({ data }) => data.length),
        pages,
      )
      t.same(all.flatMap(idsOf), ids)
      t.notOk(Object.hasOwn(all.at(-1) ?? {}, 'nextCursor'))
      for (const { nextCursor } of all.slice(0, -1)) t.match(nextCursor, /^.{1,1000}$/)
    })
  }

  t.test('REC-4 COM-8: the list comes first, then nextCursor, then code and msg', async (t) => {
    const { backups } = await filled(t, 3)
    t.same(Object.keys(await page(backups, {})), ['data', 'nextCursor', 'code', 'msg'])
  })

  t.test('REC-4: a list is of one user and module and, where asked for, of one device', async (t) => {
    const backups = await backupsFor(t)
    const [book, album] = [await backups.lock('102'), await backups.lock('101')]
    const others = await backups.lock('102', 'another')
    const made = {
      book: await backups.record(book),
      album: await backups.record(album, { moduleCode: '101' }),
      other: await backups.record(others, {}, 'another'),
      device: await backups.record(book, { deviceId: 'd' }),
    }
    t.same((await page(backups, { pageSize: 9 })).data, [made.book, made.device])
    t.same((await page(backups, { pageSize: 9, moduleCode: '101' })).data, [made.album])
    t.same((await page(backups, { pageSize: 9, moduleCode: '100' })).data, [])
    t.same((await page(backups, { pageSize: 9, deviceId: 'd' })).data, [made.device])
    t.same((await page(backups, { pageSize: 9, deviceId: exampleDevice })).data, [made.book])
    t.same((await page(backups, { pageSize: 9, deviceId: 'd', moduleCode: '101' })).data, [])
    t.same((await page(backups, { pageSize: 9 }, { user: 'another' })).data, [made.other])
  })

  t.test('DEC-28: records that are created or deleted between pages neither repeat nor hide others', async (t) => {
    const { backups, lock, ids } = await filled(t, 8)
    const remove = (index: number) => backups.send('DELETE', `/record/${ids[index]}`, { lock })
    const first = await page(backups, { pageSize: 3 })
    t.same(idsOf(first), ids.slice(0, 3))
    await remove(0) // read already
    await remove(2) // the very one that the cursor names
    await remove(3) // the first that is to come
    const fresh = await backups.record(lock)
    const second = await page(backups, { pageSize: 3, cursor: first.nextCursor ?? '' })
    t.same(idsOf(second), [ids[4], ids[5], ids[6]])
    await remove(6)
    await remove(7)
    const third = await page(backups, { pageSize: 3, cursor: second.nextCursor ?? '' })
    t.same(idsOf(third), [fresh.recordId])
    t.equal(third.nextCursor, undefined)
    t.same(idsOf(await page(backups, { pageSize: 9, cursor: first.nextCursor ?? '' })), [
      ids[4],
      ids[5],
      fresh.recordId,
    ])
  })

  t.test('DEC-28: a cursor whose rest was deleted answers an empty last page', async (t) => {
    const { backups, lock, ids } = await filled(t, 3)
    const { nextCursor = '' } = await page(backups, { pageSize: 2 })
    for (const id of ids) await backups.send('DELETE', `/record/${id}`, { lock })
    t.same(await page(backups, { cursor: nextCursor }), { data: [], ...done })
  })

  t.test('DEC-28: paging goes on rightly while others write at the same time', async (t) => {
    const { backups, lock, ids } = await filled(t, 40)
    const doomed = ids.filter((_, index) => index % 4 === 1)
    const writers = Promise.all([
      ...doomed.map((id) => backups.send('DELETE', `/record/${id}`, { lock })),
      ...doomed.map(() => backups.record(lock)),
    ])
    const seen = (await allPages(backups, 3)).flatMap(idsOf)
    await writers
    t.equal(new Set(seen).size, seen.length, 'nothing twice')
    t.same(
      seen,
      seen.toSorted((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)),
    )
    const kept = ids.filter((id) => !doomed.includes(id))
    t.same(
      seen.filter((id) => kept.includes(id)),
      kept,
      'nothing hidden',
    )
  })

  t.test('DEC-28: pageSize may change between pages', async (t) => {
    const { backups, ids } = await filled(t, 6)
    const first = await page(backups, { pageSize: 1 })
    const second = await page(backups, { pageSize: 3, cursor: first.nextCursor ?? '' })
    const third = await page(backups, { pageSize: 100, cursor: second.nextCursor ?? '' })
    t.same([first, second, third].map(idsOf), [ids.slice(0, 1), ids.slice(1, 4), ids.slice(4)])
  })

  t.test('DEC-28: a cursor is bound to operation, user, module and device', async (t) => {
    const { backups, lock, ids } = await filled(t, 3)
    await backups.record(await backups.lock('101'), { moduleCode: '101' })
    const { nextCursor: cursor = '' } = await page(backups, {})
    const { nextCursor: ofDevice = '' } = await page(backups, { deviceId: exampleDevice })
    t.not(cursor, ofDevice)
    const files = `/record/${ids[0]}/files`
    for (const [title, answer] of [
      ['another module', await page(backups, { cursor, moduleCode: '101' })],
      ['a device in addition', await page(backups, { cursor, deviceId: exampleDevice })],
      ['no device any more', await page(backups, { cursor: ofDevice })],
      ['another device', await page(backups, { cursor: ofDevice, deviceId: 'other' })],
      ['another user', await page(backups, { cursor }, { user: 'another' })],
      ['another operation', (await backups.send('GET', `${files}?pageSize=2&cursor=${cursor}`)).json()],
    ] as const) {
      t.same(answer, invalid, title)
    }
    t.equal((await page(backups, { cursor: ofDevice, deviceId: exampleDevice })).data.length, 1)
    t.equal((await page(backups, { cursor }, { lock })).data.length, 1)
  })

  t.test('DEC-28: a cursor that was changed in any way is invalid', async (t) => {
    const { backups } = await filled(t, 3)
    const { nextCursor: cursor = '' } = await page(backups, {})
    const changed = [...cursor].map(
      (sign, index) => cursor.slice(0, index) + (sign === '0' ? '1' : '0') + cursor.slice(index + 1),
    )
    const truncated = [...cursor].map((_, index) => cursor.slice(0, index))
    const others = [`${cursor}0`, ` ${cursor}`, `${cursor}\n`, cursor.slice(1), cursor.toUpperCase(), '0', '\u00fc']
    const list = ['listBackupRecord', exampleUser, '102', '']
    const beyond = [2n ** 63n, 36n ** 13n - 1n].map((position) => cursors.seal(list, String(position)))
    for (const bad of [...changed, ...truncated, ...others, ...beyond].filter((text) => text !== '')) {
      const response = await backups.send('GET', `/record?moduleCode=102&pageSize=2&cursor=${encodeURIComponent(bad)}`)
      t.same(response.json(), invalid, bad)
      t.match(response.headers['x-emulator-reason'], 'query/cursor was not made for this list')
      if (bad.length > 3) t.notMatch(response.headers['x-emulator-reason'], bad, 'DEC-15: it is not repeated')
    }
    t.equal((await page(backups, { cursor })).data.length, 1)
  })

  t.test('DEC-28: a cursor survives a restart', async (t) => {
    const db = `${t.testdir({})}/emulator.db`
    const { backups, ids } = await filled(t, 5, db)
    const { nextCursor: cursor = '' } = await page(backups, {})
    await backups.stop()
    const again = await backupsFor(t, { db })
    const next = await page(again, { cursor, pageSize: 9 })
    t.same(idsOf(next), ids.slice(2))
  })

  t.test('DEC-28: every list, and the search for known content, is an index search that sorts nothing', async (t) => {
    const wanted = { userId: 'u', moduleCode: '102', after: 0n, limit: 1 } as const
    const reads: [title: string, read: (store: Store) => unknown, search: string][] = [
      ['listBoundDevice', ({ devices }) => devices.list('u'), 'device USING INDEX device_by_age (user_id=?)'],
      [
        'listBackupScope',
        ({ scopes }) => scopes.list(1, '102'),
        'scope USING INDEX scope_by_module (device=? AND module_code=?)',
      ],
      [
        'listConfigInfos, from the catalogue',
        ({ configs }) => configs.list(1, '102'),
        'entry USING PRIMARY KEY (module_code=?)',
      ],
      [
        'listConfigInfos, beyond the catalogue',
        ({ configs }) => configs.list(1, '102'),
        'config USING PRIMARY KEY (device=? AND module_code=?)',
      ],
      [
        'getConfigInfo',
        ({ configs }) => configs.view(1, '102', 'name'),
        'config USING PRIMARY KEY (device=? AND module_code=? AND name=?)',
      ],
      [
        'listBackupRecord, of a module',
        ({ records }) => records.list(wanted, undefined),
        'record USING INDEX record_by_module (user_id=? AND module_code=? AND rowid>?)',
      ],
      [
        'listBackupRecord, of a device',
        ({ records }) => records.list(wanted, 1),
        'record USING INDEX record_by_device (device=? AND module_code=? AND rowid>?)',
      ],
      [
        'listBackupFile',
        ({ files }) => files.list('1', 0n, 1),
        'file USING INDEX file_by_record (record=? AND rowid>?)',
      ],
      [
        'createBackupFile, known content (DEC-29)',
        ({ files }) => files.isKnown('u', 'a', 1),
        'file USING COVERING INDEX file_by_content (user_id=? AND sha256=? AND size=?)',
      ],
    ]
    for (const [title, read, search] of reads) {
      const steps = plansOf((database) => read(createStore(database)))
      t.ok(steps.includes(`SEARCH ${search}`), `${title}: ${steps}`)
      for (const step of steps) t.notMatch(step, /^SCAN|TEMP B-TREE|AUTOMATIC/, title)
    }
  })

  t.test('DEC-28: a long list read in small pages has every record once, in order', async (t) => {
    const { backups, ids } = await filled(t, 300)
    const all = await allPages(backups, 7)
    t.same(all.flatMap(idsOf), ids)
    t.equal(all.length, Math.ceil(300 / 7))
  })
})
