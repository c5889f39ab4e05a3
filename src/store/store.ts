import { accessIn } from './access.ts'
import { configsIn } from './configs.ts'
import type { Database } from './database.ts'
import { devicesIn } from './devices.ts'
import { dumpOf } from './dump.ts'
import { filesIn } from './files.ts'
import type { Image } from './image.ts'
import { imageBytes, imageOf, overwrite, wipe } from './image.ts'
import { locksIn } from './locks.ts'
import { originIn } from './origin.ts'
import { partsIn } from './parts.ts'
import { recordsIn } from './records.ts'
import { reservedIn } from './reserved.ts'
import { RowChanges } from './row-changes.ts'
import { scopesIn } from './scopes.ts'
import { tallyOf } from './statement.ts'
import { transactionsIn } from './transactions.ts'

export type Store = ReturnType<typeof createStore>

/** The repositories of one world over one database. */
export function createStore(database: Database) {
  const tally = tallyOf(database)
  const rowChanges = new RowChanges(database)
  const devices = devicesIn(database)
  return {
    devices,
    scopes: scopesIn(database),
    configs: configsIn(database),
    access: accessIn(database),
    locks: locksIn(database),
    records: recordsIn(database, devices),
    files: filesIn(database),
    parts: partsIn(database),
    origin: originIn(database),
    reserved: reservedIn(database),
    dump: dumpOf(database),
    rowChanges,
    /** Whether it outlives the process. */
    isFile: !database.memory,
    /** How many rows were ever written through this store, undone ones included, its own bookkeeping not. */
    rowsWritten: (): number => tally.rows,
    image: (): Image => imageOf(database),
    /** How long an image of it would be. */
    bytes: (): number => imageBytes(database),
    wipe(): void {
      rowChanges.stop() // nobody asks row by row what became of a whole world
      wipe(database)
    },
    overwrite(image: Image): void {
      rowChanges.stop()
      overwrite(database, image)
    },
    transact: transactionsIn(database, rowChanges),
    close(): void {
      database.close()
    },
  }
}
