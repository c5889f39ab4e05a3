import { hash } from 'node:crypto'
import type { Database } from './database.ts'
import type { IssuedId } from './snowflake.ts'
import { isoInstant } from './snowflake.ts'
import { statement } from './statement.ts'

export interface ScopePaths {
  readonly localPath: string
  readonly targetFolderPath: string
}

export type Scopes = ReturnType<typeof scopesIn>

/** Which backup scope it is, whatever its id; the length keeps ("ab", "c") apart from ("a", "bc"). */
const digestOf = ({ localPath, targetFolderPath }: ScopePaths): Buffer =>
  hash('sha256', `${localPath.length}:${localPath}${targetFolderPath}`, 'buffer').subarray(0, 16)

/** Backup scopes, each belonging to a device and a module. */
export function scopesIn(database: Database) {
  const insert = statement<[bigint, number, string, Buffer, string, string]>(
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
  return {
    /** Stores a scope and returns it; `undefined` where the device and module have one with both paths equal. */
    add(issued: IssuedId, device: number, moduleCode: string, paths: ScopePaths) {
      const { localPath, targetFolderPath } = paths
      const { changes } = insert().run(issued.id, device, moduleCode, digestOf(paths), localPath, targetFolderPath)
      if (changes === 0) return undefined
      return { localPath, targetFolderPath, scopeId: String(issued.id), createTime: isoInstant(issued.millis) }
    },
    has(device: number, moduleCode: string, paths: ScopePaths): boolean {
      return find().get(device, moduleCode, digestOf(paths)) !== undefined
    },
    count(device: number, moduleCode: string): number {
      return count().get(device, moduleCode)?.count ?? 0
    },
  }
}
