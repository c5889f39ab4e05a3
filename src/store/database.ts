import type { Stats } from 'node:fs'
import { accessSync, constants, lstatSync, realpathSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { makeFolder, removeEmptyFolders } from '../process/folders.ts'
import { migrations } from './migrations.ts'

export type Database = Sqlite.Database
type Durability = 'normal' | 'full'

/** Why a database cannot be used, as one sentence for the person who started the emulator. */
export class DatabaseUnusable extends Error {}

/** "KooB": marks a database file as this emulator's, so that no other program's file is ever written to. */
export const applicationId = 0x4b6f6f42

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
  const made: string[] = []
  try {
    if (location !== ':memory:') prepareFile(location, made)
    database = new Sqlite(location, { timeout: patienceMillis })
    takeOver(database, durability)
    if (location !== ':memory:') {
      takeIndexAway(location)
      places.set(database, placeOf(location))
    }
    makings.set(database, made)
    return database
  } catch (error) {
    database?.close()
    const why = whyUnusable(error, location)
    if (codeIn(error) !== 'SQLITE_BUSY') takeAway(made) // else another process was as quick, and has it now
    throw new DatabaseUnusable(why, { cause: error })
  }
}

/** Whether its file is where it was opened; without one, there is nothing to miss. */
export const isInPlace = (database: Database): boolean => places.get(database)?.() ?? true

const places = new WeakMap<Database, () => boolean>()

/** Tells later whether the same file is still there; where the system does not let anybody look, it is taken to be. */
function placeOf(location: string): () => boolean {
  const identity = () => statSync(location, { throwIfNoEntry: false })?.ino
  const own = identity()
  return () => {
    try {
      return identity() === own
    } catch {
      return true
    }
  }
}

/** What was made when a database was opened: its file, then folders, the innermost first. */
const makings = new WeakMap<Database, readonly string[]>()

/** Takes away a file that was made when it was opened, and folders that were made for it; it has to be closed. */
export const unmake = (database: Database): void => takeAway(makings.get(database) ?? [])

function takeAway([file, ...folders]: readonly string[]): void {
  for (const end of file === undefined ? [] : ['-wal', '-shm', '']) unlessInUse(() => rmSync(`${file}${end}`))
  removeEmptyFolders(folders)
}

/** Whoever has a database to itself keeps its index of the `-wal` in memory; the look at a killed one's has made a file of it. */
const takeIndexAway = (location: string): void => unlessInUse(() => rmSync(`${realpathSync(location)}-shm`))

/** What was never made, what the system keeps and what somebody else has put something into stay as they are. */
function unlessInUse(remove: () => void): void {
  try {
    remove()
  } catch {}
}

const codeIn = (error: unknown): string => String(Object(error).code ?? '')

/**
 * Makes the folder of a new file; looks at one that is there without opening it for writing, which alone would change it.
 *
 * @param made takes what was not there
 */
function prepareFile(location: string, made: string[]): void {
  if (lstatSync(location, { throwIfNoEntry: false }) === undefined) made.push(location)
  made.push(...makeFolder(dirname(location)))
  const found = statSync(location, { throwIfNoEntry: false })
  if (found === undefined) return
  requireFile(found)
  const reader = new Sqlite(location, { timeout: patienceMillis, readonly: true })
  try {
    refuseForeign(reader)
  } finally {
    reader.close()
  }
}

/** SQLite would wait for a pipe, or blame the disk. */
function requireFile(found: Stats): void {
  const kind = kinds.find(([isIt]) => isIt(found))?.[1]
  if (kind !== 'a file') throw new DatabaseUnusable(`is ${kind}, not a file; name a file with --db, or :memory:`)
}

const kinds: readonly (readonly [isIt: (found: Stats) => boolean, name: string])[] = [
  [(found) => found.isFile(), 'a file'],
  [(found) => found.isDirectory(), 'a folder'],
  [(found) => found.isFIFO(), 'a pipe'],
  [(found) => found.isSocket(), 'a socket'],
  [() => true, 'a device'],
]

function takeOver(database: Database, durability: Durability): void {
  // With exclusive locking the lock is the operating system's: it ends with the process, however that ends.
  database.pragma('locking_mode = EXCLUSIVE')
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${durability}`)
  database.pragma('foreign_keys = ON')
  database.transaction(() => migrate(database)).exclusive()
}

/**
 * Looks at the header, the schema and the first row of each table, which takes as long for a large file as for a small one.
 * Damage elsewhere is met by the operation that comes across it.
 */
function refuseForeign(database: Database): void {
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
  for (const table of tablesOf(database)) database.prepare(`SELECT * FROM "${table}" LIMIT 1`).get()
}

/** By their names. */
export const tablesOf = (database: Database): string[] =>
  database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()

export const versionOf = (database: Database): number => Number(database.pragma('user_version', { simple: true }))

/** What is in a database of this many migrations, as SQLite writes it down. */
export function schemaAfter(version: number): unknown[] {
  const database = new Sqlite(':memory:')
  try {
    for (const step of migrations.slice(0, version)) database.exec(step)
    return schemaOf(database)
  } finally {
    database.close()
  }
}

export const schemaOf = (database: Database): unknown[] =>
  database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all()

/** Brings a database to the current schema, within the caller's transaction. */
export function migrate(database: Database): void {
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
  SQLITE_IOERR: 'cannot be read or written: the system reports an I/O error there; look whether the disk is full',
  SQLITE_FULL: 'cannot be written to: the disk is full',
  ENOSPC: 'cannot be made: the disk is full',
  ENAMETOOLONG: 'cannot be made: its path is too long',
  ENOENT: 'cannot be made: no folder can be made there',
  EACCES: 'cannot be written to; check the permissions of its folder',
  EROFS: 'cannot be written to: its file system is read-only',
  ENOTDIR: 'cannot be made: a part of its path is a file, not a folder',
  EEXIST: 'cannot be made: a part of its path is a file, not a folder',
}

function whyUnusable(error: unknown, location: string): string {
  const { message }: { message: string } = Object(error)
  const code = codeIn(error)
  if (error instanceof DatabaseUnusable) return `the database ${location} ${message}`
  const known =
    explanations[obstacleAt(location)] ?? explanations[code] ?? explanations[code.split('_').slice(0, 2).join('_')]
  return `the database ${location} ${known ?? `cannot be used: ${message}`}`
}

/** What the system says of writing beside the database; of a file system that is read-only, SQLite has no clear words. */
function obstacleAt(location: string): string {
  try {
    accessSync(dirname(location), constants.W_OK)
    return ''
  } catch (error) {
    return codeIn(error) === 'EROFS' ? 'EROFS' : ''
  }
}
