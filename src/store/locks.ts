import type { Database } from './database.ts'
import { statement, writing } from './statement.ts'

export interface Lock {
  readonly moduleCode: string
  readonly expiresMillis: number
}

export type Locks = ReturnType<typeof locksIn>

/** Locks, at most one of a user and module; whether one still lives is judged by whoever reads it (DEC-25). */
export function locksIn(database: Database) {
  const ofModule = statement<[string, string], { expiresMillis: number }>(
    database,
    'SELECT expires_millis AS expiresMillis FROM lock WHERE user_id = ? AND module_code = ?',
  )
  const find = statement<[string, string], Lock>(
    database,
    'SELECT module_code AS moduleCode, expires_millis AS expiresMillis FROM lock WHERE lock_id = ? AND user_id = ?',
  )
  const list = statement<[string], Lock & { readonly lockId: string }>(
    database,
    'SELECT module_code AS moduleCode, lock_id AS lockId, expires_millis AS expiresMillis FROM lock WHERE user_id = ?',
  )
  const has = statement<[string]>(database, 'SELECT 1 FROM lock WHERE lock_id = ?')
  const put = writing<[string, string, string, number]>(
    database,
    'INSERT OR REPLACE INTO lock (user_id, module_code, lock_id, expires_millis) VALUES (?, ?, ?, ?)',
  )
  const renew = writing<[number, string]>(database, 'UPDATE lock SET expires_millis = ? WHERE lock_id = ?')
  const remove = writing<[string]>(database, 'DELETE FROM lock WHERE lock_id = ?')
  return {
    /** When the last lock of the module expires or expired; `undefined` where there is none. */
    expiryOf: (userId: string, moduleCode: string): number | undefined =>
      ofModule().get(userId, moduleCode)?.expiresMillis,
    find: (userId: string, lockId: string): Lock | undefined => find().get(lockId, userId),
    /** The last lock of each module that had one. */
    list: (userId: string): (Lock & { readonly lockId: string })[] => list().all(userId),
    /** Whether any user has or had a lock of this id. */
    has: (lockId: string): boolean => has().get(lockId) !== undefined,
    /** Takes the place of an earlier lock of the module. */
    put(userId: string, moduleCode: string, lockId: string, expiresMillis: number): void {
      put(userId, moduleCode, lockId, expiresMillis)
    },
    renew(lockId: string, expiresMillis: number): void {
      renew(expiresMillis, lockId)
    },
    remove(lockId: string): void {
      remove(lockId)
    },
  }
}
