import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { migrations } from './migrations.ts'

export type Database = Sqlite.Database
export type Durability = 'normal' | 'full'

/** Why a database cannot be used, as one sentence for the person who started the emulator. */
export class DatabaseUnusable extends Error {}

/** "KooB": marks a database file as this emulator's, so that no other program's file is ever written to. */
const applicationId = 0x4b6f6f42

/** How long to wait for another process to let go of the file; a restart right after a crash must not fail. */
const patienceMillis = 250

/**
 * Opens a database, made if missing, brings it to the current schema and keeps it locked against every other process.
 *
 * @param location a path, or `:memory:`
 * @throws DatabaseUnusable for a file that is foreign, corrupt, newer, locked or not writable
 */
export function openDatabase(location: string, durability: Durability): Database {
  let database: Database | undefined
  try {
    if (location !== ':memory:') prepareFile(location)
    database = new Sqlite(location, { timeout: patienceMillis })
    takeOver(database, durability)
    return database
  } catch (error) {
    database?.close()
    throw new DatabaseUnusable(explain(error, location), { cause: error })
  }
}

/** Makes the folder of a new file; looks at one that is there without opening it for writing, which alone would change it. */
function prepareFile(location: string): void {
  mkdirSync(dirname(location), { recursive: true })
  if (!statSync(location, { throwIfNoEntry: false })?.isFile()) return
  const reader = new Sqlite(location, { timeout: patienceMillis, readonly: true })
  try {
    refuseForeign(reader)
  } finally {
    reader.close()
  }
}

function takeOver(database: Database, durability: Durability): void {
  // With exclusive locking the lock is the operating system's: it ends with the process, however that ends.
  database.pragma('locking_mode = EXCLUSIVE')
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${durability}`)
  database.pragma('foreign_keys = ON')
  database.transaction(() => migrate(database)).exclusive()
}

function refuseForeign(database: Database): void {
  const damage = database.pragma('quick_check(1)', { simple: true })
  if (damage !== 'ok') throw new DatabaseUnusable(`is corrupt: ${String(damage).replaceAll('\n', ' ')}`)
  const owner = database.pragma('application_id', { simple: true })
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (owner !== applicationId && !(owner === 0 && isEmpty)) {
    throw new DatabaseUnusable('belongs to another program; name another file with --db')
  }
  if (versionOf(database) > migrations.length) {
    throw new DatabaseUnusable(
      `was written by a newer emulator (schema ${versionOf(database)}, this one knows ${migrations.length}); use that one or another file`,
    )
  }
}

const versionOf = (database: Database): number => Number(database.pragma('user_version', { simple: true }))

function migrate(database: Database): void {
  for (const step of migrations.slice(versionOf(database))) database.exec(step)
  database.pragma(`application_id = ${applicationId}`)
  database.pragma(`user_version = ${migrations.length}`)
}

const explanations: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'is in use by another process; stop that emulator or name another file with --db',
  SQLITE_NOTADB: 'is not an SQLite database; name another file with --db',
  SQLITE_CORRUPT: 'is corrupt; remove it or name another file with --db',
  SQLITE_CANTOPEN: 'cannot be opened; check that it is a file and that its folder may be written to',
  SQLITE_READONLY: 'cannot be written to; check its permissions',
  EACCES: 'cannot be written to; check the permissions of its folder',
  EROFS: 'cannot be written to: its file system is read-only',
  ENOTDIR: 'cannot be made: a part of its path is a file, not a folder',
  EEXIST: 'cannot be made: a part of its path is a file, not a folder',
}

function explain(error: unknown, location: string): string {
  const { code = '', message }: { code?: string; message: string } = Object(error)
  if (error instanceof DatabaseUnusable) return `the database ${location} ${message}`
  const known = explanations[code] ?? explanations[code.split('_').slice(0, 2).join('_')]
  return `the database ${location} ${known ?? `cannot be used: ${message}`}`
}
