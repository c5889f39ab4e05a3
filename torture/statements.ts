import Sqlite from 'better-sqlite3'

export interface Point {
  readonly database: Sqlite.Database
  readonly sql: string
  readonly isBefore: boolean
}

type Visit = (point: Point) => void
// biome-ignore lint/suspicious/noExplicitAny: better-sqlite3's methods, whatever they take
type Method = (this: any, ...parameters: any[]) => unknown

const probe = new Sqlite(':memory:')
const statements: Record<string, Method> = Object.getPrototypeOf(probe.prepare('SELECT 1'))
const databases: { exec: Method } = Object.getPrototypeOf(probe)
probe.close()

/** The statements of a script, comments and semicolons within texts not provided for: migrations have none. */
const statementsOf = (script: string): string[] =>
  script
    .split(';')
    .map((sql) => sql.trim())
    .filter((sql) => sql !== '')

/**
 * Calls `visit` before and after every statement that this process carries out on a database file, those of a script one by
 * one. What it throws, the statement throws.
 *
 * @param path the file; `undefined` for any
 * @returns what ends it
 */
export function atStatements(path: string | undefined, visit: Visit): () => void {
  const original = { run: statements['run'], get: statements['get'], all: statements['all'], exec: databases.exec }
  const around = (database: Sqlite.Database, sql: string, work: () => unknown): unknown => {
    if (database.memory || database.readonly || database.name !== (path ?? database.name)) return work()
    visit({ database, sql, isBefore: true })
    const result = work()
    visit({ database, sql, isBefore: false })
    return result
  }
  for (const name of ['run', 'get', 'all'] as const) {
    const method = original[name]
    if (method === undefined) throw new Error(`better-sqlite3 has no ${name}`)
    statements[name] = function (...parameters) {
      return around(this.database, this.source, () => method.apply(this, parameters))
    }
  }
  databases.exec = function (script: string) {
    for (const sql of statementsOf(script)) around(this, sql, () => original.exec.call(this, sql))
    return this
  }
  return () => {
    Object.assign(statements, { run: original.run, get: original.get, all: original.all })
    databases.exec = original.exec
  }
}
