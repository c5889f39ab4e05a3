import type { Database } from './database.ts'
import { statement } from './statement.ts'

/** Tables whose ids a world issues, and where those are kept that came from a time to come. */
const places = ['scope.scope_id', 'record.record_id', 'file.file_id', 'reserved_id.id']

/**
 * Ids that are there though the world has not come to them: a document brought them along from a time to come. They stay when
 * what had them is gone, so that none is given twice (DEC-31).
 */
export function reservedIn(database: Database) {
  const add = statement<[bigint]>(database, 'INSERT OR IGNORE INTO reserved_id VALUES (?)')
  const all = statement<[], bigint>(database, 'SELECT id FROM reserved_id')
  const beyond = statement<[{ last: bigint; worker: number }], bigint>(
    database,
    places
      .map(
        (place) =>
          `SELECT ${place} FROM ${place.split('.')[0]} WHERE ${place} > :last AND ((${place} >> 7) & 65535) = :worker`,
      )
      .join(' UNION '),
  )
  return {
    /** Of whichever worker: a copy of the world may have another one. */
    add(id: bigint): void {
      add().run(id)
    },
    all: (): bigint[] => all().pluck().safeIntegers().all(),
    /** Ids of a worker beyond one, whether what has them is there still or not. */
    beyond: (last: bigint, worker: number): bigint[] => beyond().pluck().safeIntegers().all({ last, worker }),
  }
}
