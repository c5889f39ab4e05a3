import type { Database } from './database.ts'
import { statement, writing } from './statement.ts'

export interface CatalogueConfig {
  readonly moduleCode: string
  readonly configName: string
  readonly initialValue: string
  readonly description: string
}

export interface ConfigEntity {
  readonly configName: string
  readonly configValue: string
  readonly description: string
}

export type Configs = ReturnType<typeof configsIn>

/** Configurations set on devices, and the catalogue of those that every device has (DEC-24). */
export function configsIn(database: Database) {
  // Parameters by position, for those with names cost as much again.
  const change = writing<[string, number, string, string]>(
    database,
    'UPDATE config SET value = ? WHERE device = ? AND module_code = ? AND name = ?',
  )
  const set = writing<[number, string, string, string]>(
    database,
    'INSERT INTO config (device, module_code, name, value) VALUES (?, ?, ?, ?)',
  )
  const find = statement<[number, string, string], { value: string }>(
    database,
    'SELECT value FROM config WHERE device = ? AND module_code = ? AND name = ?',
  )
  const initialValue = statement<[string, string], { value: string }>(
    database,
    'SELECT initial_value AS value FROM config_catalogue WHERE module_code = ? AND name = ?',
  )
  const list = statement<[{ device: number | null; moduleCode: string }], ConfigEntity>(
    database,
    `SELECT configName, configValue, description FROM (
       SELECT 0 AS part, entry.name AS configName, coalesce(value, initial_value) AS configValue, description
       FROM config_catalogue AS entry
       LEFT JOIN config ON device = :device AND config.module_code = entry.module_code AND config.name = entry.name
       WHERE entry.module_code = :moduleCode
       UNION ALL
       SELECT 1, name, value, '' FROM config
       WHERE device = :device AND module_code = :moduleCode
         AND name NOT IN (SELECT name FROM config_catalogue WHERE module_code = :moduleCode)
     ) ORDER BY part, configName`,
  )
  const addToCatalogue = writing<[CatalogueConfig]>(
    database,
    `INSERT INTO config_catalogue (module_code, name, initial_value, description)
     VALUES (:moduleCode, :configName, :initialValue, :description)`,
  )
  return {
    /** Changes a value that was set before. */
    change(device: number, moduleCode: string, configName: string, value: string): void {
      change(value, device, moduleCode, configName)
    },
    /** Sets a value for the first time. */
    set(device: number, moduleCode: string, configName: string, value: string): void {
      set(device, moduleCode, configName, value)
    },
    find(device: number, moduleCode: string, configName: string): string | undefined {
      return find().get(device, moduleCode, configName)?.value
    },
    initialValue(moduleCode: string, configName: string): string | undefined {
      return initialValue().get(moduleCode, configName)?.value
    },
    /**
     * What a device has of a module: the catalogue's entries, at their initial value unless changed, then those set beyond
     * it, each part by name (DEC-24).
     *
     * @param device `null` for a device that was never bound
     */
    list: (device: number | null, moduleCode: string): ConfigEntity[] => list().all({ device, moduleCode }),
    addToCatalogue(entry: CatalogueConfig): void {
      addToCatalogue(entry)
    },
  }
}
