import type { Database } from './database.ts'
import type { RowChanges } from './row-changes.ts'
import { statement } from './statement.ts'

/**
 * Runs `work` whole or not at all: what it throws undoes what it wrote, and so does a result that is `toUndo`. Inside another, it
 * is a part of that one.
 */
type Transact = <Result>(work: () => Result, toUndo?: (result: Result) => boolean) => Result

/** Transactions of a database, and of what is noted of its rows. */
export function transactionsIn(database: Database, rowChanges: RowChanges): Transact {
  const begin = statement<[]>(database, 'BEGIN IMMEDIATE')
  const commit = statement<[]>(database, 'COMMIT')
  const rollback = statement<[]>(database, 'ROLLBACK')
  let isWithin = false
  let isSettled = true
  const undo = (): void => {
    // SQLite itself ends the transaction on some errors, a full disk among them.
    if (database.inTransaction) rollback().run()
    rowChanges.undo()
    isSettled = true
  }
  return (work, toUndo) => {
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
  }
}
