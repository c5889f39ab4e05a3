import { configsIn } from './configs.ts'
import { credentialsIn } from './credentials.ts'
import type { Database } from './database.ts'
import { devicesIn } from './devices.ts'
import { dumpOf } from './dump.ts'
import { filesIn } from './files.ts'
import type { Image } from './image.ts'
import { imageOf, overwrite, wipe } from './image.ts'
import { locksIn } from './locks.ts'
import { originIn } from './origin.ts'
import { recordsIn } from './records.ts'
import { scopesIn } from './scopes.ts'
import { only, statement } from './statement.ts'

export type Store = ReturnType<typeof createStore>

/** The repositories of one world over one database. */
export function createStore(database: Database) {
  const origin = originIn(database)
  const begin = statement<[]>(database, 'BEGIN IMMEDIATE')
  const commit = statement<[]>(database, 'COMMIT')
  const totalChanges = statement<[], { count: number }>(database, 'SELECT total_changes() AS count')
  const rollback = statement<[]>(database, 'ROLLBACK')
  let isWithin = false
  return {
    devices: devicesIn(database),
    scopes: scopesIn(database),
    configs: configsIn(database),
    credentials: credentialsIn(database),
    locks: locksIn(database),
    records: recordsIn(database),
    files: filesIn(database),
    origin,
    dump: dumpOf(database),
    /** How many rows were ever written through this store, undone ones included, its own bookkeeping not. */
    rowsWritten: (): number => only(totalChanges()).count - origin.saves(),
    image: (): Image => imageOf(database),
    wipe: (): void => wipe(database),
    overwrite: (image: Image): void => overwrite(database, image),
    /** Runs `work` whole or not at all; what it throws undoes what it wrote. Inside another, it is a part of that one. */
    transact<Result>(work: () => Result): Result {
      if (isWithin) return work()
      // What could not be undone when it failed is undone now: nobody's work may become a part of it.
      if (database.inTransaction) rollback().run()
      begin().run()
      isWithin = true
      let isDone = false
      try {
        const result = work()
        commit().run()
        isDone = true
        return result
      } finally {
        isWithin = false
        // SQLite itself ends the transaction on some errors, a full disk among them.
        if (!isDone && database.inTransaction) rollback().run()
      }
    },
    close(): void {
      database.close()
    },
  }
}
