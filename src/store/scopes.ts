import { hash } from 'node:crypto'
import type { Database } from './database.ts'
import type { NewId } from './snowflake.ts'
import { isoInstant, millisIn, parseId } from './snowflake.ts'
import { only, statement, writing } from './statement.ts'

export interface ScopePaths {
  readonly localPath: string
  readonly targetFolderPath: string
}

interface ScopeRow {
  scope_id: string
  local_path: string
  target_folder_path: string
  issued: number
}

export type Scopes = ReturnType<typeof scopesIn>

/** Which backup scope it is, whatever its id; the length keeps ("ab", "c") apart from ("a", "bc"). */
const digestOf = ({ localPath, targetFolderPath }: ScopePaths): Buffer =>
  hash('sha256', `${localPath.length}:${localPath}${targetFolderPath}`, 'buffer').subarray(0, 16)

/** Backup scopes, each belonging to a device and a module. */
export function scopesIn(database: Database) {
  const insert = writing<[bigint, number, string, Buffer, string, string]>(
    database,
    `INSERT INTO scope (scope_id, device, module_code, paths_digest, local_path, target_folder_path)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device, module_code, paths_digest) DO NOTHING`,
  )
  const find = statement<[number, string, Buffer]>(
    database,
    'SELECT 1 FROM scope WHERE device = ? AND module_code = ? AND paths_digest = ?',
  )
  const count = statement<[number, string], { count: number }>(
    database,
    'SELECT count(*) AS count FROM scope WHERE device = ? AND module_code = ?',
  )
  const list = statement<[number, string], ScopeRow>(
    database,
    `SELECT CAST(scope_id AS TEXT) AS scope_id, local_path, target_folder_path, ${millisIn('scope_id')} AS issued
     FROM scope WHERE device = ? AND module_code = ? ORDER BY scope.scope_id`,
  )
  const remove = writing<[bigint, number]>(database, 'DELETE FROM scope WHERE scope_id = ? AND device = ?')
  return {
    /** Stores a scope and returns it; `undefined` where the device and module have one with both paths equal. */
    add<Module extends string>(issued: NewId, device: number, moduleCode: Module, paths: ScopePaths) {
      const { localPath, targetFolderPath } = paths
      const { changes } = insert(issued.id, device, moduleCode, digestOf(paths), localPath, targetFolderPath)
      if (changes === 0) return undefined
      return {
        localPath,
        targetFolderPath,
        scopeId: String(issued.id),
        moduleCode,
        createTime: isoInstant(issued.millis),
      }
    },
    has(device: number, moduleCode: string, paths: ScopePaths): boolean {
      return find().get(device, moduleCode, digestOf(paths)) !== undefined
    },
    /** Oldest first. */
    list<Module extends string>(device: number, moduleCode: Module) {
      return list()
        .all(device, moduleCode)
        .map((row) => ({
          localPath: row.local_path,
          targetFolderPath: row.target_folder_path,
          scopeId: row.scope_id,
          moduleCode,
          createTime: isoInstant(row.issued),
        }))
    },
    /** Says whether the device had such a scope. */
    remove(device: number, scopeId: string): boolean {
      const id = parseId(scopeId)
      return id !== undefined && remove(id, device).changes === 1
    },
    count(device: number, moduleCode: string): number {
      return only(count(), device, moduleCode).count
    },
  }
}
