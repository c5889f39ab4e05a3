import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Database } from '../src/store/database.ts'
import { openDatabase } from '../src/store/database.ts'
import { migrations } from '../src/store/migrations.ts'
import { emulatorFor, exampleDevice, exampleUser } from './fixtures/emulator.ts'

/** The position of the ids in the file of the first version, the instant of the last thing made in it. */
const lastMillis = 1_795_361_938_958
const inFile = new Date(lastMillis).toISOString()

/** A copy of a file that the first version wrote. */
function firstVersion(t: import('tap').Test): string {
  const file = join(t.testdir(), 'emulator.db')
  copyFileSync('test/fixtures/databases/schema-1.db', file)
  return file
}

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
