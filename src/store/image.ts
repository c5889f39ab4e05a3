import Sqlite from 'better-sqlite3'
import type { Database } from './database.ts'
import { openDatabase, tablesOf } from './database.ts'

/** A whole database as SQLite writes it to a file. */
export type Image = Buffer

/** Where an image says how it is journalled, for reading and for writing; 1 is the only way that works in memory. */
const journalBytes = [18, 19]

export function imageOf(database: Database): Image {
  const image = database.serialize()
  for (const byte of journalBytes) image[byte] = 1
  return image
}

/** How long the image of a database would be, in bytes. */
export const imageBytes = (database: Database): number =>
  Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true }))

/** A database in memory that begins as an image, and leaves the image as it is. */
export function openImage(image: Image): Database {
  const database = new Sqlite(image)
  database.pragma('foreign_keys = ON')
  return database
}

let template: Image | undefined

/** An empty database in memory; copying one that was made before is several times cheaper than making it. */
export function openEmpty(): Database {
  if (template === undefined) {
    const first = openDatabase(':memory:', 'normal')
    template = imageOf(first)
    first.close()
  }
  return openImage(template)
}

/** Takes every row of every table away, within the caller's transaction. */
export function wipe(database: Database): void {
  database.pragma('defer_foreign_keys = ON')
  for (const table of tablesOf(database)) database.exec(`DELETE FROM "${table}"`)
}

/** Puts every row of an image in place of what a database holds, within the caller's transaction. */
export function overwrite(database: Database, image: Image): void {
  const source = openImage(image)
  try {
    wipe(database)
    for (const table of tablesOf(source)) copyTable(source, database, table)
  } finally {
    source.close()
  }
}

function copyTable(source: Database, target: Database, table: string): void {
  const read = source.prepare(`SELECT * FROM "${table}"`).raw().safeIntegers()
  const places = read.columns().map(() => '?')
  const write = target.prepare(`INSERT INTO "${table}" VALUES (${places.join(', ')})`)
  for (const row of read.iterate()) write.run(row)
}

/** The tables of credentials. */
const secretTables = ['token', 'app'] as const

/**
 * An image without credentials: neither in a row, nor in what deleted rows left behind.
 *
 * @param seedOf takes those out of the seed's text
 */
export function withoutCredentials(image: Image, seedOf: (seed: string) => string): Image {
  const database = openImage(image)
  try {
    database.pragma('secure_delete = ON')
    for (const table of secretTables) database.exec(`DELETE FROM ${table}`)
    for (const seed of database.prepare<[], string>('SELECT seed FROM world').pluck().all()) {
      database.prepare('UPDATE world SET seed = ?').run(seedOf(seed))
    }
    database.exec('VACUUM')
    return imageOf(database)
  } finally {
    database.close()
  }
}
