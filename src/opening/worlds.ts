import { resolve } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import type { ParkLog } from '../archive/park.ts'
import { Park } from '../archive/park.ts'
import { JournalBudget } from '../journal/journal.ts'
import { messageOf, StartupError } from '../process/startup-error.ts'
import { readProfile } from '../settings/profile-file.ts'
import { readSeed } from '../settings/seed-file.ts'
import type { Settings } from '../settings/settings.ts'
import type { Database } from '../store/database.ts'
import { openDatabase, unmake } from '../store/database.ts'
import { openEmpty } from '../store/image.ts'
import { createStore } from '../store/store.ts'
import type { WorldSettings } from '../world/world-settings.ts'
import { Worlds } from '../world/worlds.ts'

interface Opened {
  readonly worlds: Worlds
  /** Takes a database away that this start has made. */
  readonly unmakeFile: () => void
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
  log: ParkLog,
): Opened {
  const seed = { choice: settings.seed, document: readSeed(settings.seed) }
  const errors = readProfile(settings.profile)
  const parking = openPark(settings, wallClock, log)
  const isFile = settings.db !== ':memory:'
  const location = isFile ? absolute(settings.db) : settings.db
  const database = isFile ? openFile(location, settings) : openEmpty()
  const unmakeFile = () => unmake(database)
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
    return { worlds, unmakeFile }
  } catch (error) {
    database.close()
    unmakeFile()
    throw new StartupError(`the database ${location} cannot be used: ${messageOf(error)}`)
  }
}

function openFile(location: string, { durability }: Settings): Database {
  try {
    return openDatabase(location, durability)
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
