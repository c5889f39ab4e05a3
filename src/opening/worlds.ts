import { resolve } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import type { ParkLog } from '../archive/park.ts'
import { Park } from '../archive/park.ts'
import { JournalBudget } from '../journal/journal.ts'
import { regularly } from '../process/real-time.ts'
import { messageOf, StartupError } from '../process/startup-error.ts'
import { readProfile } from '../settings/profile-file.ts'
import { readSeed } from '../settings/seed-file.ts'
import type { Settings } from '../settings/settings.ts'
import type { Database } from '../store/database.ts'
import { isInPlace, openDatabase, unmake } from '../store/database.ts'
import { openEmpty } from '../store/image.ts'
import { createStore } from '../store/store.ts'
import type { WorldSettings } from '../world/world-settings.ts'
import { Worlds } from '../world/worlds.ts'

interface Opened {
  readonly worlds: Worlds
  /** Takes a database and folders away that this start has made. */
  readonly unmakeAll: () => void
  /** Parks and closes; answers the names of worlds that are lost. */
  readonly closeWorlds: () => string[]
}

/**
 * The worlds over the database, seed, profile and folder that settings name.
 *
 * @param ids what ids are made from where nothing is said
 * @throws StartupError
 */
export function openWorlds(
  settings: Settings,
  ids: Pick<WorldSettings, 'worker' | 'random'>,
  wallClock: () => number,
  log: ParkLog & { warn(sentence: string): void },
): Opened {
  const seed = { choice: settings.seed, document: readSeed(settings.seed) }
  const errors = readProfile(settings.profile)
  const parking = openPark(settings, wallClock, log)
  const { location, database } = openBeside(parking, settings)
  const unmakeAll = () => {
    unmake(database)
    parking?.unmake()
  }
  try {
    const store = createStore(database)
    const { auth, devices, errorStatus, completion, scopesPerModule, given } = settings
    const own = {
      auth,
      devices,
      errorStatus,
      completion,
      scopesPerModule,
      ...ids,
      unkind: null,
      changes: settings.changes === 'on',
    }
    const { maxWorlds: limit, worldsPerGroup: groupLimit, worldIdle: idleMillis, newWorlds } = settings
    const bounds = { limit, groupLimit, idleMillis, newWorlds, parking }
    const journals = new JournalBudget(
      settings.journal ?? getHeapStatistics().heap_size_limit / 4,
      settings.journalEntries,
    )
    const worlds = new Worlds({ settings: own, seed, given, errors, wallClock, store, journals, ...bounds })
    const endLookout = lookOut(
      () => !isInPlace(database),
      () => log.warn(`the database ${location} was taken away; what is written is lost at the end`),
    )
    const closeWorlds = () => {
      endLookout()
      return worlds.close()
    }
    return { worlds, closeWorlds, unmakeAll }
  } catch (error) {
    database.close()
    unmakeAll()
    throw new StartupError(`the database ${location} cannot be used: ${messageOf(error)}`)
  }
}

/** How often it is looked whether the database is still there. */
const lookingMillis = 60_000

/** Looks now and then for what may be wrong, and once more when it is ended by what this returns; tells of it once. */
function lookOut(isWrong: () => boolean, tell: () => void): () => void {
  let isTold = false
  const lookAgain = () => {
    if (isTold || !isWrong()) return
    isTold = true
    tell()
  }
  const callOff = regularly(lookingMillis, lookAgain)
  return () => {
    callOff()
    lookAgain()
  }
}

/** Opens the database; where it cannot be, the folder beside it is not kept either. */
function openBeside(parking: Park | undefined, settings: Settings): { location: string; database: Database } {
  try {
    const location = settings.db === ':memory:' ? settings.db : absolute(settings.db)
    return { location, database: open(location, settings) }
  } catch (error) {
    parking?.unmake()
    throw error
  }
}

function open(location: string, { durability }: Settings): Database {
  try {
    return location === ':memory:' ? openEmpty() : openDatabase(location, durability)
  } catch (error) {
    throw new StartupError(messageOf(error))
  }
}

function openPark({ park, parkKeep }: Settings, wallClock: () => number, log: ParkLog): Park | undefined {
  if (park === undefined) return undefined
  try {
    return new Park({ folder: resolve(park), keepMillis: parkKeep, wallClock, log })
  } catch (error) {
    throw new StartupError(`the folder ${park} cannot hold parked worlds: ${messageOf(error)}`)
  }
}

function absolute(path: string): string {
  try {
    return resolve(path)
    /* c8 ignore next 3 -- a test shows it in a process that nothing can watch, for want of a working directory */
  } catch {
    throw new StartupError(`the database ${path} cannot be used: the working directory is gone`)
  }
}
