import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Database } from '../src/store/database.ts'
import { openDatabase } from '../src/store/database.ts'
import { migrations } from '../src/store/migrations.ts'
import { filesPath, targetOf } from './fixtures/backup.ts'
import { emulatorFor, exampleDevice, exampleUser } from './fixtures/emulator.ts'

/** The position of the ids in the file of the first version, the instant of the last thing made in it. */
const lastMillis = 1_795_361_938_958
const inFile = new Date(lastMillis).toISOString()

/** A copy of a file that a version wrote. */
function ofVersion(t: import('tap').Test, version: number): string {
  const file = join(t.testdir(), 'emulator.db')
  copyFileSync(`test/fixtures/databases/schema-${version}.db`, file)
  return file
}

const firstVersion = (t: import('tap').Test): string => ofVersion(t, 1)

/** What a file holds, read from outside while no emulator has it. */
function look<Result>(file: string, at: (database: Database) => Result): Result {
  const database = new Sqlite(file)
  try {
    return at(database)
  } finally {
    database.close()
  }
}

const versionOf = (database: Database) => database.pragma('user_version', { simple: true })

/** Tables and indexes, column by column and as they are written. */
const schemaOf = (database: Database) =>
  database
    .prepare<[], { type: string; name: string; sql: string | null }>(
      'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name',
    )
    .all()
    .map(({ type, name, sql }) => ({
      type,
      name,
      sql: sql?.replace(/\s+/g, ' '),
      columns: database.pragma(type === 'table' ? `table_xinfo(${name})` : `index_xinfo(${name})`),
    }))

t.test('a database of the first version opens with its rows, through the API', async (t) => {
  const db = firstVersion(t)
  const { call, world } = await emulatorFor(t, { db, devices: 'strict' })
  const read = async (path: string, headers = {}) => (await call({ method: 'GET', path, headers })).json()
  t.equal(world.seeded, false, 'its seed is not applied again')
  t.match((await read('/device')).data, [
    { deviceId: '1775406005920779393', machineCode: '20250911', createTime: '2025-09-15T06:14:48.630Z' },
    { deviceId: exampleDevice, machineCode: '20251217', deviceName: 'Magic-v5', deviceOS: 'android' },
    { deviceId: 'adopted-one', machineCode: '', deviceName: '', deviceOS: '', createTime: inFile },
  ])
  const first = { moduleCode: '102', createTime: '2026-11-22T15:38:58.935Z' }
  t.same((await read(`/device/${exampleDevice}/scope?moduleCode=102`)).scopeList, [
    { scopeId: '2089517854469719936', localPath: '/first', targetFolderPath: '/version', ...first },
    { scopeId: '2089517854469719937', localPath: '/second', targetFolderPath: '', ...first },
  ])
  const third = { scopeId: '2089517854662657920', localPath: '', targetFolderPath: '/third', createTime: inFile }
  t.same((await read('/device/adopted-one/scope?moduleCode=100')).scopeList, [{ ...third, moduleCode: '100' }])
  const description = 'Switches the backup of the address book in the background'
  for (const [moduleCode, configName, configValue, text] of [
    ['102', 'backend_backup_switch', 'changed', description],
    ['101', 'own', 'b', ''],
  ] as const) {
    t.same((await read(`/device/${exampleDevice}/configs?moduleCode=${moduleCode}`)).data, [
      { deviceId: exampleDevice, moduleCode, configName, configValue, description: text },
    ])
  }
  t.same((await read('/device', { 'x-user-id': 'another' })).data, [])
})

t.test('DEC-19: a scope of the first version is still known by its paths', async (t) => {
  const { call } = await emulatorFor(t, { db: firstVersion(t) })
  const scopeList = [{ localPath: '/first', targetFolderPath: '/version' }, { localPath: '/second' }]
  const answer = (await call({ body: { moduleCode: '102', scopeList } })).json()
  t.same(answer.scopeList, [])
  t.match(answer.failedScopeList, [{ errorCode: '13990410' }, { errorCode: '13990410' }])
})

t.test('DEC-31: ids go on beyond the stored position, though the clock is behind it', async (t) => {
  const { call, time } = await emulatorFor(t, { db: firstVersion(t) })
  t.ok(time.now < lastMillis)
  const { scopeList } = (await call({ body: { moduleCode: '102', scopeList: [{ localPath: '/next' }] } })).json()
  t.equal(scopeList[0].scopeId, '2089517854662657921')
  t.equal(scopeList[0].createTime, inFile)
})

t.test('the tables it did not have work, and all of it is there after a restart', async (t) => {
  const db = firstVersion(t)
  const first = await emulatorFor(t, { db })
  const { lockId } = (await first.call({ path: '/lock', body: { moduleCode: '102' } })).json().data
  const headers = { 'x-backup-lock-id': lockId }
  const body = { moduleCode: '102', deviceId: exampleDevice }
  const { data: record } = (await first.call({ path: '/record', body, headers })).json()
  t.match(record, { version: 1, deviceInfo: { machineCode: '20251217' } })
  const file = await first.call({ path: `/record/${record.recordId}/file`, body: { fileName: 'f' }, headers })
  t.equal(file.json().code, 0)
  const last = (await first.call({ path: '/lock', body: { moduleCode: '100' } })).json().data.lockId
  await first.server.close()
  first.world.store.close()

  const second = await emulatorFor(t, { db })
  t.same((await second.call({ method: 'GET', path: `/record/${record.recordId}` })).json().data, record)
  t.equal((await second.call({ method: 'PATCH', path: '/lock', headers })).json().code, 0)
  const other = (await second.call({ path: '/lock', body: { moduleCode: '101' } })).json().data.lockId
  const uuids = [lockId, last, other].map((id: string) => id.slice(0, 36))
  t.equal(new Set(uuids).size, 3, 'DEC-31: the generator goes on, too')
})

t.test('a world of the first version has its seed, and no settings of its own', async (t) => {
  const { server, world } = await emulatorFor(t, { db: firstVersion(t), devices: 'strict' })
  const shown = await server.inject('/_emulator/worlds/default')
  t.match(shown.json().settings, { auth: 'any', devices: 'strict', seed: 'document' })
  t.match(world.seed.document, { users: { [exampleUser]: {} } })
  t.same(world.own, {})
})

t.test('DEC-17: a device of the first version is found by its machine code', async (t) => {
  const { call } = await emulatorFor(t, { db: firstVersion(t) })
  const { data } = (await call({ path: '/device', body: { machineCode: '20251217', deviceName: 'new' } })).json()
  t.match(data, { deviceId: exampleDevice, deviceName: 'new', deviceOS: 'android' })
})

t.test('the file is brought to the newest version, once', async (t) => {
  const db = firstVersion(t)
  t.equal(look(db, versionOf), 1)
  for (const time of ['first', 'second']) {
    openDatabase(db, 'normal').close()
    t.equal(look(db, versionOf), migrations.length, time)
  }
})

t.test('a migrated database has the schema of a fresh one', async (t) => {
  const db = firstVersion(t)
  const fresh = join(dirname(db), 'fresh.db')
  t.equal(look(db, versionOf), 1)
  const schemas = [db, fresh].map((file) => {
    const database = openDatabase(file, 'normal')
    const schema = schemaOf(database)
    t.same(database.pragma('foreign_key_check'), [])
    t.equal(database.pragma('integrity_check', { simple: true }), 'ok')
    database.close()
    return schema
  })
  t.ok(schemas[0]?.some(({ name }) => name === 'record'))
  t.same(schemas[0], schemas[1])
})

t.test('DEC-29: contents of a file of an earlier version are known to their user, and to nobody else', async (t) => {
  for (const version of [2, 3]) {
    const { call } = await emulatorFor(t, { db: ofVersion(t, version), devices: 'adopt' })
    const content = { sha256: 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73', length: 7 }
    for (const [user, isKnown] of [
      ['1001', true],
      ['stranger', false],
    ] as const) {
      const as = { 'x-user-id': user }
      const lock = (await call({ path: '/lock', body: { moduleCode: '102' }, headers: as })).json().data.lockId
      const headers = { ...as, 'x-backup-lock-id': lock }
      const { data } = (await call({ path: '/record', body: { moduleCode: '102', deviceId: 'd' }, headers })).json()
      const body = { fileName: 'again', ...content }
      const created = await call({ path: `/record/${data.recordId}/file`, body, headers })
      t.equal(created.json().rapidUpload, isKnown, `${user}, schema ${version}`)
    }
  }
})

t.test('DEC-29 DEC-35: what was open in a file of an earlier version is to be uploaded in parts', async (t) => {
  const { call, server, world } = await emulatorFor(t, { db: ofVersion(t, 5) })
  const [{ recordId = '' } = {}] = world.store.dump.records('1001')
  const ids = Object.fromEntries(world.store.dump.files(recordId).map(({ fileName, fileId }) => [fileName, fileId]))
  const lengths = { open: 7, unknown: undefined, large: 6_000_000_000 }
  const sizes = Object.entries(lengths).map(([name, length]) =>
    world.store.parts.of(BigInt(String(ids[name])), length).parts.map(({ partSize }) => partSize),
  )
  t.same(sizes, [[7], [undefined], [5_368_709_120, 631_290_880]])
  const headers = { 'x-user-id': '1001' }
  const body = { fileId: ids['open'], multiParts: [{ partNumber: 1, partSize: 7 }] }
  const { multiParts } = (await call({ path: `!${filesPath}/multipart/uploadUrl`, headers, body })).json()
  const put = await server.inject({ method: 'PUT', url: targetOf(multiParts[0].uploadUrl), payload: 'content' })
  t.equal(put.statusCode, 200)
  t.equal((await call({ path: `!${filesPath}/complete`, headers, body: { fileId: ids['open'] } })).json().code, 0)
  const listed = await call({ method: 'GET', path: `/record/${recordId}/files?pageSize=9`, headers })
  t.match(listed.json().data, [{ fileName: 'done' }, { fileName: 'open', size: 7 }])
})

t.test('DEC-27 DEC-31: ends before beginnings, and ids at their end, are mended', async (t) => {
  const db = ofVersion(t, 3)
  const end = Date.parse('2053-11-03T11:53:47.775Z')
  look(db, (database) => {
    database.exec('UPDATE record SET end_millis = 5 WHERE status = 1')
    database
      .prepare('UPDATE world SET last_millis = ?, last_sequence = 127, clock = ?')
      .run(end, JSON.stringify({ frozenAt: end, offset: 0, skew: 0, signing: 'wall' }))
  })
  const { call, world } = await emulatorFor(t, { db })
  const { data } = (
    await call({ method: 'GET', path: '/record?moduleCode=100&pageSize=9', headers: { 'x-user-id': '1001' } })
  ).json()
  t.match(data, [{ status: 1 }, { status: 0, endTime: '' }])
  t.equal(data[0].endTime, data[0].createTime)
  const bound = (await call({ path: '/device', body: { machineCode: 'late' } })).json()
  t.match(bound, { code: 0, data: { createTime: '2053-01-01T00:00:00.001Z' } })
  t.equal(world.clock.stateNow(), Date.parse('2053-01-01T00:00:00.000Z'))
})

t.test('DEC-31: ids from a time to come are kept in mind, also those in a file from before they were', async (t) => {
  const given = 2360411156994131840n
  const [old, later] = [ofVersion(t, 6), ofVersion(t, 7)]
  look(old, (database) =>
    database.prepare("INSERT INTO scope SELECT ?, key, '102', x'00', '/', '' FROM device LIMIT 1").run(given),
  )
  for (const db of [old, old, later]) {
    const { world } = await emulatorFor(t, { db })
    t.ok([...world.ids.reserved()].includes(given))
    world.store.close()
    look(db, (database) => database.exec('DELETE FROM scope'))
  }
})

t.test('a migration that breaks off in the middle leaves the file as it was, and says why', async (t) => {
  for (const obstacle of ['file', 'record', 'lock']) {
    const db = firstVersion(t)
    look(db, (database) => database.exec(`CREATE TABLE ${obstacle} (anything TEXT)`))
    const before = look(db, schemaOf)
    await t.rejects(emulatorFor(t, { db }), {
      name: 'Error',
      message: `the database ${db} cannot be used: table ${obstacle} already exists`,
    })
    t.equal(look(db, versionOf), 1, obstacle)
    t.same(look(db, schemaOf), before)
    const scopes = look(db, (database) => database.prepare('SELECT count(*) AS count FROM scope').get())
    t.same(scopes, { count: 3 })

    look(db, (database) => database.exec(`DROP TABLE ${obstacle}`))
    openDatabase(db, 'normal').close()
    t.equal(look(db, versionOf), migrations.length, 'once the obstacle is gone, it opens')
  }
})

t.test('two devices of one machine code in the first version are named as what stands in the way', async (t) => {
  const db = firstVersion(t)
  look(db, (database) => database.exec(`UPDATE device SET machine_code = '1' WHERE user_id = '${exampleUser}'`))
  t.throws(() => openDatabase(db, 'normal'), {
    message: /UNIQUE constraint failed: device.user_id, device.machine_code/,
  })
  t.equal(look(db, versionOf), 1)
})

t.test('a database of a version to come is refused, and untouched', async (t) => {
  const db = firstVersion(t)
  const next = migrations.length + 1
  look(db, (database) => database.pragma(`user_version = ${next}`))
  await t.rejects(emulatorFor(t, { db }), { message: new RegExp(`written by a newer emulator \\(schema ${next}, `) })
  t.equal(look(db, versionOf), next)
})

t.test('a database of ours whose tables are gone is refused with one sentence', async (t) => {
  const db = join(t.testdir(), 'emulator.db')
  const emptied = openDatabase(db, 'normal')
  emptied.pragma('foreign_keys = OFF')
  emptied.exec('DROP TABLE world')
  emptied.close()
  await t.rejects(emulatorFor(t, { db }), {
    message: /^the database .*emulator\.db cannot be used: no such table: world/,
  })
})

t.test(
  'damage deep in a file does not keep it from starting, and is told by the operation that meets it',
  async (t) => {
    const db = join(t.testdir(), 'emulator.db')
    const scopeList = Array.from({ length: 100 }, (_, index) => ({ localPath: `/${index}${'x'.repeat(2000)}` }))
    const first = await emulatorFor(t, { db })
    for (const moduleCode of ['100', '101', '102']) await first.call({ body: { moduleCode, scopeList } })
    await first.server.close()
    first.world.store.close()
    const bytes = readFileSync(db)
    // Pages of rows that only this list reads: neither the roots of tables nor what other operations need.
    const row = bytes.indexOf(`/50${'x'.repeat(2000)}`)
    writeFileSync(db, bytes.fill(0x5a, row - (row % 4096), row - (row % 4096) + 4096))

    const again = await emulatorFor(t, { db })
    t.equal((await again.call({ method: 'GET', path: '/device' })).json().code, 0)
    const codes = []
    for (const moduleCode of ['100', '101', '102']) {
      const path = `/device/${exampleDevice}/scope?moduleCode=${moduleCode}`
      codes.push((await again.call({ method: 'GET', path })).json().code)
    }
    t.ok(codes.includes(13000201), `${codes}`)
    t.match(
      again.logLines.join(''),
      /"code":"SQLITE_CORRUPT.*"msg":"the database is corrupt; stop the emulator and put/,
    )
  },
)
