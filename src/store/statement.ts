import type { Statement } from 'better-sqlite3'
import type { Database } from './database.ts'

/** A statement that is prepared when first used, then kept: a world that never lists scopes never pays for listing them. */
export function statement<Parameters extends unknown[], Row = unknown>(
  database: Database,
  sql: string,
): () => Statement<Parameters, Row> {
  let prepared: Statement<Parameters, Row> | undefined
  return () => {
    prepared ??= database.prepare<Parameters, Row>(sql)
    return prepared
  }
}
