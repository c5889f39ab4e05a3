import type { Database } from './database.ts'
import { isoInstant } from './snowflake.ts'
import { only, statement, writing } from './statement.ts'

/** A device as one user knows it. */
export interface Device {
  /** Internal; stands for (user, device id) in the tables below it. */
  readonly key: number
  /** False once unbound: the id stays known, so that it is not taken for one never seen (DEC-16). */
  readonly bound: boolean
}

export interface NewDevice {
  readonly userId: string
  readonly deviceId: string
  readonly machineCode: string
  readonly deviceName: string
  readonly deviceOS: string
  readonly createMillis: number
  readonly bound: 0 | 1
}

/** DEV-2: what a device tells of itself. */
export interface DeviceEntity {
  readonly deviceId: string
  readonly machineCode: string
  readonly deviceName: string
  readonly deviceOS: string
  readonly createTime: string
}

interface DeviceRow {
  device_id: string
  machine_code: string
  device_name: string
  device_os: string
  create_millis: number
}

const deviceColumns = 'device_id, machine_code, device_name, device_os, create_millis'

const deviceEntity = (row: DeviceRow): DeviceEntity => ({
  deviceId: row.device_id,
  machineCode: row.machine_code,
  deviceOS: row.device_os,
  deviceName: row.device_name,
  createTime: isoInstant(row.create_millis),
})

export type Devices = ReturnType<typeof devicesIn>

/** Devices, each belonging to one user (DEC-4). */
export function devicesIn(database: Database) {
  const find = statement<[string, string], { key: number; bound: number }>(
    database,
    'SELECT key, bound FROM device WHERE user_id = ? AND device_id = ?',
  )
  const findByMachineCode = statement<[string, string], { key: number }>(
    database,
    "SELECT key FROM device WHERE user_id = ? AND machine_code = ? AND bound = 1 AND machine_code <> ''",
  )
  const ownerOf = statement<[number], { userId: string; deviceId: string }>(
    database,
    'SELECT user_id AS userId, device_id AS deviceId FROM device WHERE key = ?',
  )
  const read = statement<[number], DeviceRow>(database, `SELECT ${deviceColumns} FROM device WHERE key = ?`)
  const list = statement<[string], DeviceRow>(
    database,
    `SELECT ${deviceColumns} FROM device WHERE user_id = ? AND bound = 1
     ORDER BY create_millis, length(device_id), device_id`,
  )
  const insert = writing<[NewDevice]>(
    database,
    `INSERT INTO device (user_id, device_id, machine_code, device_name, device_os, create_millis, bound)
     VALUES (:userId, :deviceId, :machineCode, :deviceName, :deviceOS, :createMillis, :bound)`,
  )
  const describe = writing<[string | undefined, string | undefined, number]>(
    database,
    'UPDATE device SET device_name = coalesce(?, device_name), device_os = coalesce(?, device_os) WHERE key = ?',
  )
  const unbind = writing<[number]>(database, 'UPDATE device SET bound = 0 WHERE key = ?')
  const dropScopes = writing<[number]>(database, 'DELETE FROM scope WHERE device = ?')
  const dropConfigs = writing<[number]>(database, 'DELETE FROM config WHERE device = ?')
  return {
    find(userId: string, deviceId: string): Device | undefined {
      const row = find().get(userId, deviceId)
      return row && { key: row.key, bound: row.bound === 1 }
    },
    /** The key of the bound device with this machine code. */
    findByMachineCode(userId: string, machineCode: string): number | undefined {
      return findByMachineCode().get(userId, machineCode)?.key
    },
    /** Whose device has this key. */
    ownerOf: (key: number): { userId: string; deviceId: string } => only(ownerOf(), key),
    read: (key: number): DeviceEntity => deviceEntity(only(read(), key)),
    /** Bound devices, oldest first (DEV-3). */
    list: (userId: string): DeviceEntity[] => list().all(userId).map(deviceEntity),
    /** Returns the new device's key. */
    add(device: Omit<NewDevice, 'bound'>, bound = true): number {
      return Number(insert({ ...device, bound: bound ? 1 : 0 }).lastInsertRowid)
    },
    /** Changes name and system where they are given. */
    describe(key: number, deviceName: string | undefined, deviceOS: string | undefined): void {
      describe(deviceName, deviceOS, key)
    },
    /** DEC-18: takes scopes and configuration away; the row stays for the records that name it. */
    unbind(key: number): void {
      unbind(key)
      dropScopes(key)
      dropConfigs(key)
    },
  }
}
