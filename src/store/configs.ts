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

interface Module {
  readonly device: number | null
  readonly moduleCode: string
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
  const findEntry = statement<[string, string], { initialValue: string; description: string }>(
    database,
    'SELECT initial_value AS initialValue, description FROM config_catalogue WHERE module_code = ? AND name = ?',
  )
  const listCatalogue = statement<[Module], ConfigEntity>(
    database,
    `SELECT entry.name AS configName, coalesce(value, initial_value) AS configValue, description
     FROM config_catalogue AS entry
     LEFT JOIN config ON device = :device AND config.module_code = entry.module_code AND config.name = entry.name
     WHERE entry.module_code = :moduleCode ORDER BY entry.name`,
  )
  const listOwn = statement<[Module], ConfigEntity>(
    database,
    `SELECT name AS configName, value AS configValue, '' AS description FROM config
     WHERE device = :device AND module_code = :moduleCode AND NOT EXISTS
       (SELECT 1 FROM config_catalogue AS entry WHERE entry.module_code = config.module_code AND entry.name = config.name)
     ORDER BY name`,
  )
  const findValue = (device: number, moduleCode: string, configName: string): string | undefined =>
    find().get(device, moduleCode, configName)?.value
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
    find: findValue,
    initialValue: (moduleCode: string, configName: string): string | undefined =>
      findEntry().get(moduleCode, configName)?.initialValue,
    /** One of those that `list` answers. */
    view(device: number | null, moduleCode: string, configName: string): ConfigEntity | undefined {
      const entry = findEntry().get(moduleCode, configName)
      const own = device === null ? undefined : findValue(device, moduleCode, configName)
      const configValue = own ?? entry?.initialValue
      return configValue === undefined ? undefined : { configName, configValue, description: entry?.description ?? '' }
    },
    /**
     * What a device has of a module: the catalogue's entries, at their initial value unless changed, then those set beyond
     * it, each part by name (DEC-24).
     *
     * @param device `null` for a device that was never bound
     */
    list(device: number | null, moduleCode: string): ConfigEntity[] {
      const module = { device, moduleCode }
      return [...listCatalogue().all(module), ...listOwn().all(module)]
    },
    addToCatalogue(entry: CatalogueConfig): void {
      addToCatalogue(entry)
    },
  }
}
