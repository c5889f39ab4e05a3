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
import { RowChanges } from './row-changes.ts'
import { scopesIn } from './scopes.ts'
import { statement, tallyOf } from './statement.ts'

export type Store = ReturnType<typeof createStore>

/** The repositories of one world over one database. */
export function createStore(database: Database) {
  const begin = statement<[]>(database, 'BEGIN IMMEDIATE')
  const commit = statement<[]>(database, 'COMMIT')
  const rollback = statement<[]>(database, 'ROLLBACK')
  const tally = tallyOf(database)
  const rowChanges = new RowChanges(database)
  const devices = devicesIn(database)
  let isWithin = false
  let isSettled = true
  const undo = (): void => {
    // SQLite itself ends the transaction on some errors, a full disk among them.
    if (database.inTransaction) rollback().run()
    rowChanges.undo()
    isSettled = true
  }
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
    /**
     * Runs `work` whole or not at all: what it throws undoes what it wrote, and so does a result that is `toUndo`. Inside
     * another, it is a part of that one.
     */
    transact<Result>(work: () => Result, toUndo?: (result: Result) => boolean): Result {
      if (isWithin) return work()
      // What could not be undone when it failed is undone now: nobody's work may become a part of it.
      if (!isSettled) undo()
      begin().run()
      isSettled = false
      rowChanges.begin()
      isWithin = true
      try {
        const result = work()
        if (toUndo?.(result)) return result
        commit().run()
        isSettled = true
        return result
      } finally {
        isWithin = false
        if (!isSettled) undo()
      }
    },
    close(): void {
      database.close()
    },
  }
}
