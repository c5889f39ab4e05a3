import type { Database } from './database.ts'
import { statement } from './statement.ts'

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
}

export type Devices = ReturnType<typeof devicesIn>

/** Devices, each belonging to one user (DEC-4). */
export function devicesIn(database: Database) {
  const find = statement<[string, string], { key: number; bound: number }>(
    database,
    'SELECT key, bound FROM device WHERE user_id = ? AND device_id = ?',
  )
  const insert = statement<[NewDevice]>(
    database,
    `INSERT INTO device (user_id, device_id, machine_code, device_name, device_os, create_millis, bound)
     VALUES (:userId, :deviceId, :machineCode, :deviceName, :deviceOS, :createMillis, 1)`,
  )
  return {
    find(userId: string, deviceId: string): Device | undefined {
      const row = find().get(userId, deviceId)
      return row && { key: row.key, bound: row.bound === 1 }
    },
    /** Returns the new device's key. */
    add(device: NewDevice): number {
      return Number(insert().run(device).lastInsertRowid)
    },
  }
}
