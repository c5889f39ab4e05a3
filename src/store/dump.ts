import type { CatalogueConfig } from './configs.ts'
import type { Database } from './database.ts'
import type { ScopePaths } from './scopes.ts'
import { isoInstant } from './snowflake.ts'
import { only } from './statement.ts'

interface DumpedDevice {
  key: number
  userId: string
  deviceId: string
  machineCode: string
  deviceName: string
  deviceOS: string
  createMillis: number
  bound: number
}

interface DumpedRecord {
  recordId: string
  moduleCode: string
  deviceId: string
  properties: string
  version: number
  endMillis: number | null
}

export interface DumpedFile {
  fileId: string
  fileName: string
  parent: string
  sha256: string | null
  size: number | null
  description: string
  mimeType: string
  fileType: string
  createdTime: string
  uploadId: string | null
}

const sql = {
  users: 'SELECT user_id FROM device UNION SELECT user_id FROM lock ORDER BY 1',
  catalogue: `SELECT module_code AS moduleCode, name AS configName, initial_value AS initialValue, description
    FROM config_catalogue ORDER BY 1, 2`,
  devices: `SELECT key, device_id AS deviceId, machine_code AS machineCode, device_name AS deviceName,
    device_os AS deviceOS, create_millis AS createMillis, bound FROM device WHERE user_id = ? ORDER BY key`,
  scopes: `SELECT module_code AS moduleCode, CAST(scope_id AS TEXT) AS scopeId, local_path AS localPath,
    target_folder_path AS targetFolderPath FROM scope WHERE device = ? ORDER BY scope.scope_id`,
  configs:
    'SELECT module_code AS moduleCode, name AS configName, value AS configValue FROM config WHERE device = ? ORDER BY 1, 2',
  versions: 'SELECT module_code AS moduleCode, last FROM record_version WHERE device = ? ORDER BY 1',
  locks: `SELECT module_code AS moduleCode, lock_id AS lockId, expires_millis AS expiresMillis
    FROM lock WHERE user_id = ? ORDER BY 1`,
  records: `SELECT CAST(record_id AS TEXT) AS recordId, module_code AS moduleCode, device_id AS deviceId, properties,
    version, end_millis AS endMillis FROM record JOIN device ON device.key = record.device
    WHERE record.user_id = ? ORDER BY record.record_id`,
  counts: `SELECT (SELECT count(*) FROM (SELECT user_id FROM device UNION SELECT user_id FROM lock)) AS users,
    (SELECT count(*) FROM device WHERE bound = 1) AS devices, (SELECT count(*) FROM lock WHERE expires_millis > ?) AS locks`,
  files: `SELECT CAST(file_id AS TEXT) AS fileId, name AS fileName, parent, sha256, size, description,
    mime_type AS mimeType, file_type AS fileType, created_time AS createdTime, CASE finished WHEN 0 THEN upload_id END AS uploadId
    FROM file WHERE record = ? ORDER BY file.file_id`,
} as const

/** Everything a world holds, to be read as a whole; credentials apart. Read so seldom that no statement is kept. */
export function dumpOf(database: Database) {
  const read = <Row>(text: string, ...of: unknown[]): Row[] => database.prepare<unknown[], Row>(text).all(...of)
  return {
    userIds: (): string[] => read<{ user_id: string }>(sql.users).map(({ user_id }) => user_id),
    /** Users, bound devices and locks that live at an instant in Unix milliseconds. */
    counts: (now: number) =>
      only(database.prepare<[number], { users: number; devices: number; locks: number }>(sql.counts), now),
    catalogue: () => read<CatalogueConfig>(sql.catalogue),
    devices: (userId: string) =>
      read<DumpedDevice>(sql.devices, userId).map(({ createMillis, bound, ...device }) => ({
        ...device,
        createTime: isoInstant(createMillis),
        isBound: bound === 1,
      })),
    scopes: (device: number) => read<ScopePaths & { moduleCode: string; scopeId: string }>(sql.scopes, device),
    configs: (device: number) => read<object>(sql.configs, device),
    /** The last version of each module's records. */
    lastVersions: (device: number): Record<string, number> =>
      Object.fromEntries(
        read<{ moduleCode: string; last: number }>(sql.versions, device).map(({ moduleCode, last }) => [
          moduleCode,
          last,
        ]),
      ),
    locks: (userId: string) =>
      read<{ expiresMillis: number }>(sql.locks, userId).map(({ expiresMillis, ...lock }) => ({
        ...lock,
        expiresAt: isoInstant(expiresMillis),
      })),
    records: (userId: string) =>
      read<DumpedRecord>(sql.records, userId).map(({ endMillis, ...record }) => ({
        ...record,
        endTime: endMillis === null ? undefined : isoInstant(endMillis),
      })),
    files: (recordId: string) => read<DumpedFile>(sql.files, BigInt(recordId)),
  }
}
