import type { RunResult, Statement } from 'better-sqlite3'
import type { Database } from './database.ts'

/** The row of a statement that always answers one. */
export function only<Parameters extends unknown[], Row>(
  prepared: Statement<Parameters, Row>,
  ...parameters: Parameters
): Row {
  const row = prepared.get(...parameters)
  /* c8 ignore next -- an aggregate, a RETURNING and a key that the store gave out itself always have one */
  if (row === undefined) throw new Error(`no row: ${prepared.source}`)
  return row
}

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

interface Tally {
  rows: number
}

const tallies = new WeakMap<Database, Tally>()

/** How many rows the writing statements of a database ever wrote, undone ones included. */
export function tallyOf(database: Database): Tally {
  const tally = tallies.get(database) ?? { rows: 0 }
  tallies.set(database, tally)
  return tally
}

/** A statement that writes rows, and counts them: to ask SQLite how many there were takes a statement of its own. */
export function writing<Parameters extends unknown[]>(
  database: Database,
  sql: string,
): (...parameters: Parameters) => RunResult {
  const prepared = statement<Parameters>(database, sql)
  const tally = tallyOf(database)
  return (...parameters) => {
    const result = prepared().run(...parameters)
    tally.rows += result.changes
    return result
  }
}
