import type { Database } from './database.ts'
import type { DeviceEntity, Devices } from './devices.ts'
import type { NewId } from './snowflake.ts'
import { isoInstant, millisIn, parseId } from './snowflake.ts'
import { only, statement, writing } from './statement.ts'

type ModuleCode = '100' | '101' | '102'

const recordStatus = { open: 0, completed: 1 } as const

/** REC-2. */
export interface RecordEntity {
  readonly recordId: string
  readonly moduleCode: ModuleCode
  readonly status: number
  readonly properties: string
  readonly version: number
  readonly createTime: string
  /** `""` until completed. */
  readonly endTime: string
  readonly deviceInfo: DeviceEntity
}

export interface NewRecord {
  readonly device: number
  readonly userId: string
  readonly moduleCode: ModuleCode
  readonly properties: string
}

/** Which records to list, of one user; those after an id, at most so many. */
export interface RecordPage {
  readonly userId: string
  readonly moduleCode: ModuleCode
  readonly after: bigint
  readonly limit: number
}

interface RecordRow {
  record_id: string
  device: number
  module_code: ModuleCode
  status: number
  properties: string
  version: number
  end_millis: number | null
  issued: number
}

const columns = `CAST(record_id AS TEXT) AS record_id, device, module_code, status, properties, version, end_millis,
  ${millisIn('record_id')} AS issued`

const recordEntity = (row: RecordRow, deviceInfo: DeviceEntity): RecordEntity => ({
  recordId: row.record_id,
  moduleCode: row.module_code,
  status: row.status,
  properties: row.properties,
  version: row.version,
  createTime: isoInstant(row.issued),
  endTime: row.end_millis === null ? '' : isoInstant(row.end_millis),
  deviceInfo,
})

export type Records = ReturnType<typeof recordsIn>

/** Backup records, each with its device as `devices` tells it. */
export function recordsIn(database: Database, devices: Pick<Devices, 'read'>) {
  const versions = versionsIn(database)
  const find = statement<[bigint, string], RecordRow>(
    database,
    `SELECT ${columns} FROM record WHERE record.record_id = ? AND user_id = ?`,
  )
  const list = statement<[RecordPage], RecordRow>(
    database,
    `SELECT ${columns} FROM record
     WHERE user_id = :userId AND module_code = :moduleCode AND record.record_id > :after
     ORDER BY record.record_id LIMIT :limit`,
  )
  const listOfDevice = statement<[RecordPage & { device: number }], RecordRow>(
    database,
    `SELECT ${columns} FROM record
     WHERE device = :device AND module_code = :moduleCode AND record.record_id > :after
     ORDER BY record.record_id LIMIT :limit`,
  )
  const insert = writing<[NewRecord & { recordId: bigint; version: number; status: number }]>(
    database,
    `INSERT INTO record (record_id, device, user_id, module_code, status, properties, version)
     VALUES (:recordId, :device, :userId, :moduleCode, :status, :properties, :version)`,
  )
  const complete = writing<[number, number, string | undefined, string]>(
    database,
    'UPDATE record SET status = ?, end_millis = ?, properties = coalesce(?, properties) WHERE record_id = ?',
  )
  const dropFiles = writing<[string]>(database, 'DELETE FROM file WHERE record = ?')
  const remove = writing<[string]>(database, 'DELETE FROM record WHERE record_id = ?')
  return {
    find(userId: string, recordId: string): RecordEntity | undefined {
      const id = parseId(recordId)
      const row = id === undefined ? undefined : find().get(id, userId)
      return row && recordEntity(row, devices.read(row.device))
    },
    /** Oldest first; of one device where `device` is its key. */
    list(page: RecordPage, device: number | undefined): RecordEntity[] {
      const rows = device === undefined ? list().all(page) : listOfDevice().all({ ...page, device })
      const known = new Map<number, DeviceEntity>() // most lists are of one device
      return rows.map((row) => {
        const device = known.get(row.device) ?? devices.read(row.device)
        known.set(row.device, device)
        return recordEntity(row, device)
      })
    },
    /**
     * Adds an open record, with the next version of its device and module where it is given none; says whether there was
     * one left.
     */
    add(issued: NewId, record: NewRecord, given?: number): boolean {
      const version = given ?? versions.next(record.device, record.moduleCode)
      if (version === undefined) return false
      insert({ ...record, recordId: issued.id, version, status: recordStatus.open })
      return true
    },
    /** Properties change where they are given. */
    complete(recordId: string, endMillis: number, properties: string | undefined): void {
      complete(recordStatus.completed, endMillis, properties, recordId)
    },
    reachVersion: versions.reach,
    remove(recordId: string): void {
      // SQLite would do it by itself, and not count the rows.
      dropFiles(recordId)
      remove(recordId)
    },
  }
}

/** The counters of versions, one for each device and module, which never go back (DEC-27). */
function versionsIn(database: Database) {
  const raise = writing<[number, string]>(
    database,
    `INSERT INTO record_version (device, module_code, last) VALUES (?, ?, 1)
     ON CONFLICT DO UPDATE SET last = last + 1 WHERE last < ${Number.MAX_SAFE_INTEGER}`,
  )
  const last = statement<[number, string], { last: number }>(
    database,
    'SELECT last FROM record_version WHERE device = ? AND module_code = ?',
  )
  const reach = writing<[number, string, number]>(
    database,
    `INSERT INTO record_version (device, module_code, last) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET last = max(last, excluded.last)`,
  )
  return {
    /** `undefined` where there is none left that JSON could carry. */
    next(device: number, moduleCode: string): number | undefined {
      if (raise(device, moduleCode).changes === 0) return undefined
      return only(last(), device, moduleCode).last
    },
    /** The next version will be above `version`, or stay where it is, if that is further. */
    reach(device: number, moduleCode: string, version: number): void {
      reach(device, moduleCode, version)
    },
  }
}
