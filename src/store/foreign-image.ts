import { isDeepStrictEqual } from 'node:util'
import type { Database } from './database.ts'
import { applicationId, DatabaseUnusable, migrate, schemaAfter, schemaOf, versionOf } from './database.ts'
import type { Image } from './image.ts'
import { imageOf, openImage } from './image.ts'
import { migrations } from './migrations.ts'
import { epochMillis, idsPerMillisecond, lastIdMillis } from './snowflake.ts'

/** How many migrations a database of this emulator has behind it. */
export const currentSchema = migrations.length

/**
 * An image that came from elsewhere, brought to the current schema. It may be anything: what is not a sound database of this
 * emulator, to the last index, is refused before a statement of its own could run.
 *
 * @throws DatabaseUnusable with a sentence that completes "the image …"
 */
export function currentImage(image: Image): Image {
  try {
    return broughtUp(image)
  } catch (error) {
    throw error instanceof DatabaseUnusable ? error : new DatabaseUnusable('is corrupt', { cause: error })
  }
}

function broughtUp(image: Image): Image {
  const database = openImage(image)
  try {
    return isMigrated(database) ? imageOf(database) : image
  } finally {
    database.close()
  }
}

/** Brings a database to the current schema; says whether that was needed. */
function isMigrated(database: Database): boolean {
  database.pragma('trusted_schema = OFF')
  const version = versionOf(database)
  refuseStrange(database, version)
  const isOlder = version < currentSchema
  if (isOlder) database.transaction(() => migrate(database))()
  const worlds = database.prepare<[], number>(countWorlds).pluck().get()
  if (worlds !== 1) throw new DatabaseUnusable('holds no world')
  return isOlder
}

/** Of worlds, as far as their one row could have been written by this emulator. Ids go on where the state clock stops (DEC-31). */
const countWorlds = `SELECT count(*) FROM world
  WHERE json_valid(seed) AND json_valid(settings) AND (clock = '' OR json_valid(clock))
    AND last_millis BETWEEN ${epochMillis - 1} AND ${lastIdMillis} AND last_sequence BETWEEN 0 AND ${idsPerMillisecond - 1}`

function refuseStrange(database: Database, version: number): void {
  if (database.pragma('application_id', { simple: true }) !== applicationId) {
    throw new DatabaseUnusable('is no database of this emulator')
  }
  if (version > currentSchema) {
    throw new DatabaseUnusable(
      `was written by a newer emulator (schema ${version}, this one knows ${currentSchema}); use that one`,
    )
  }
  if (!isDeepStrictEqual(schemaOf(database), schemaAfter(version))) {
    throw new DatabaseUnusable('has other tables than this emulator writes')
  }
  const soundness = database.pragma('quick_check(1)', { simple: true })
  const loose = database.pragma('foreign_key_check') as unknown[] // a row for each reference to nothing
  if (soundness !== 'ok' || loose.length > 0) throw new DatabaseUnusable('is corrupt')
}
