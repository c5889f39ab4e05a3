import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/** A database file as a process would leave it that ended right now: what is in it and what is in its log. */
export interface Image {
  readonly file: Buffer
  readonly log: Buffer
}

const bytesOf = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0))

export const imageOf = (path: string): Image => ({ file: bytesOf(path), log: bytesOf(`${path}-wal`) })

export const isSameImage = (one: Image, other: Image): boolean =>
  one.file.equals(other.file) && one.log.equals(other.log)

/** Puts an image where a database is to be. */
export function writeImage({ file, log }: Image, path: string): void {
  rmSync(`${path}-wal`, { force: true })
  writeFileSync(path, file)
  if (log.length > 0) writeFileSync(`${path}-wal`, log)
}

/** What a database holds, to the last row, and what SQLite finds wrong with it. */
export interface Content {
  readonly rows: string
  readonly damage: readonly string[]
}

/** Reads a database that nobody has open. It is read from a copy, because to open it would be to mend it. */
export function contentOf(path: string, folder: string): Content {
  const place = mkdtempSync(join(folder, 'copy-'))
  const copy = join(place, 'emulator.db')
  for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end)
  const database = new Sqlite(copy)
  try {
    const integrity = database.prepare<[], string>('PRAGMA integrity_check').pluck().all()
    const orphans = database.prepare('PRAGMA foreign_key_check').all()
    const damage = [
      ...integrity.filter((line) => line !== 'ok'),
      ...orphans.map((row) => `orphan ${JSON.stringify(row)}`),
    ]
    return { rows: rowsOf(database), damage }
  } catch (error) {
    return { rows: '', damage: [String(error)] }
  } finally {
    database.close()
    rmSync(place, { recursive: true })
  }
}

/** Every row of every table, as text, with the version of the schema. */
function rowsOf(database: Sqlite.Database): string {
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all()
  const write = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  const version = JSON.stringify(database.pragma('user_version'))
  const contents = tables.map((table) => {
    const rows = database.prepare(`SELECT * FROM "${table}"`).raw().safeIntegers().all()
    return `${table}\n${rows.map((row) => JSON.stringify(row, write)).join('\n')}`
  })
  return [version, ...contents].join('\n\n')
}
