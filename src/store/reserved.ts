import type { Database } from './database.ts'
import { statement } from './statement.ts'

/** Where ids of 64 bits are that a world issues. */
const kinds = ['scope', 'record', 'file']

/**
 * Ids that are there though the world has not come to them: a document brought them along from a time to come. They stay when
 * what had them is gone, so that none is given twice (DEC-31).
 */
export function reservedIn(database: Database) {
  const given = kinds.map((kind) => `SELECT ${kind}_id FROM ${kind} WHERE ${kind}_id > :last`).join(' UNION ALL ')
  const note = statement<[{ last: bigint }]>(database, `INSERT OR IGNORE INTO reserved_id ${given}`)
  const add = statement<[bigint]>(database, 'INSERT OR IGNORE INTO reserved_id VALUES (?)')
  const all = statement<[], bigint>(database, 'SELECT id FROM reserved_id')
  const beyond = statement<[bigint, number], bigint>(
    database,
    'SELECT id FROM reserved_id WHERE id > ? AND ((id >> 7) & 65535) = ?',
  )
  return {
    /** Keeps in mind what there is beyond an id, of whichever worker: a copy of the world may have another one. */
    note(last: bigint): void {
      note().run({ last })
    },
    add(ids: readonly bigint[]): void {
      for (const id of ids) add().run(id)
    },
    all: (): bigint[] => all().pluck().safeIntegers().all(),
    /** Those of a worker beyond an id. */
    beyond: (last: bigint, worker: number): bigint[] => beyond().pluck().safeIntegers().all(last, worker),
  }
}
