import type { Database } from './database.ts'
import { statement } from './statement.ts'

/** How far the ids of a world have come (DEC-31). */
export interface IdPosition {
  readonly lastMillis: number
  readonly lastSequence: number
}

export interface WorldOrigin extends IdPosition {
  /** The seed as JSON text, as it was applied. */
  readonly seed: string
  readonly worker: number
}

export type Origin = ReturnType<typeof originIn>

/** The one row that says what the world started from and where its ids stand. */
export function originIn(database: Database) {
  const read = statement<[], WorldOrigin>(
    database,
    'SELECT seed, worker, last_millis AS lastMillis, last_sequence AS lastSequence FROM world',
  )
  const begin = statement<[WorldOrigin]>(
    database,
    'INSERT INTO world (only, seed, worker, last_millis, last_sequence) VALUES (1, :seed, :worker, :lastMillis, :lastSequence)',
  )
  const saveIds = statement<[number, number]>(database, 'UPDATE world SET last_millis = ?, last_sequence = ?')
  return {
    /** `undefined` in a database that was never seeded. */
    read: (): WorldOrigin | undefined => read().get(),
    begin(origin: WorldOrigin): void {
      begin().run(origin)
    },
    saveIds({ lastMillis, lastSequence }: IdPosition): void {
      saveIds().run(lastMillis, lastSequence)
    },
  }
}
