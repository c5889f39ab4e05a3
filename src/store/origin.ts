import type { Database } from './database.ts'
import { statement } from './statement.ts'

/** How far the ids of a world have come (DEC-31). */
export interface IdPosition {
  readonly lastMillis: number
  readonly lastSequence: number
}

/** Everything that moves on as a world issues ids, and must go on after a restart. */
export interface Progress extends IdPosition {
  /** The state of the world's generator; empty in a database written before it had one. */
  readonly random: string
}

export interface WorldOrigin extends Progress {
  /** How the world's clocks stand, as JSON; empty where they were never touched. */
  readonly clock: string
  /** The seed as JSON text, as it was applied. */
  readonly seed: string
  readonly worker: number
}

export type Origin = ReturnType<typeof originIn>

/** The one row that says what the world started from and where its ids stand. */
export function originIn(database: Database) {
  const read = statement<[], WorldOrigin>(
    database,
    'SELECT seed, worker, last_millis AS lastMillis, last_sequence AS lastSequence, random, clock FROM world',
  )
  const begin = statement<[WorldOrigin]>(
    database,
    `INSERT INTO world (only, seed, worker, last_millis, last_sequence, random, clock)
     VALUES (1, :seed, :worker, :lastMillis, :lastSequence, :random, :clock)`,
  )
  const save = statement<[Progress]>(
    database,
    'UPDATE world SET last_millis = :lastMillis, last_sequence = :lastSequence, random = :random',
  )
  const saveClock = statement<[string]>(database, 'UPDATE world SET clock = ?')
  return {
    /** `undefined` in a database that was never seeded. */
    read: (): WorldOrigin | undefined => read().get(),
    begin(origin: WorldOrigin): void {
      begin().run(origin)
    },
    saveClock(clock: string): void {
      saveClock().run(clock)
    },
    save(progress: Progress): void {
      save().run(progress)
    },
  }
}
