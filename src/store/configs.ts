import type { Database } from './database.ts'
import { statement } from './statement.ts'

export interface ConfigChange {
  readonly device: number
  readonly moduleCode: string
  readonly configName: string
  readonly currentValue: string
  readonly newValue: string
}

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
  // One statement decides and writes; parameters by position, for those with names cost as much again.
  const compareAndSet = statement<[string, number, string, string, string]>(
    database,
    'UPDATE config SET value = ? WHERE device = ? AND module_code = ? AND name = ? AND value = ?',
  )
  const set = statement<[number, string, string, string]>(
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
  const addToCatalogue = statement<[CatalogueConfig]>(
    database,
    `INSERT INTO config_catalogue (module_code, name, initial_value, description)
     VALUES (:moduleCode, :configName, :initialValue, :description)`,
  )
  return {
    /** CFG-2: changes the value where one is set and is `currentValue`, and says whether it did. */
    compareAndSet({ device, moduleCode, configName, currentValue, newValue }: ConfigChange): boolean {
      return compareAndSet().run(newValue, device, moduleCode, configName, currentValue).changes === 1
    },
    set(device: number, moduleCode: string, configName: string, value: string): void {
      set().run(device, moduleCode, configName, value)
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
      addToCatalogue().run(entry)
    },
  }
}
