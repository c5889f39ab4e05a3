import type { Database } from './database.ts'
import { only, statement } from './statement.ts'

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
  /** How whoever chose the seed calls it; empty in a database written before that was kept. */
  readonly seedChoice: string
  /** The settings that the world was given itself, as JSON. */
  readonly settings: string
  readonly worker: number
}

/** What a world that was begun elsewhere goes on with. */
export interface Ground extends Pick<WorldOrigin, 'settings' | 'worker'> {
  /** The state of the generator; `null` for the one that is there. */
  readonly random: string | null
}

export type Origin = ReturnType<typeof originIn>

/** The one row that says what the world started from and where its ids stand. */
export function originIn(database: Database) {
  const read = statement<[], WorldOrigin>(
    database,
    `SELECT seed, seed_choice AS seedChoice, settings, worker, last_millis AS lastMillis, last_sequence AS lastSequence,
       random, clock FROM world`,
  )
  const begin = statement<[WorldOrigin]>(
    database,
    `INSERT INTO world (only, seed, seed_choice, settings, worker, last_millis, last_sequence, random, clock)
     VALUES (1, :seed, :seedChoice, :settings, :worker, :lastMillis, :lastSequence, :random, :clock)`,
  )
  const save = statement<[Progress]>(
    database,
    'UPDATE world SET last_millis = :lastMillis, last_sequence = :lastSequence, random = :random',
  )
  const saveClock = statement<[string]>(database, 'UPDATE world SET clock = ?')
  const rebase = statement<[Ground]>(
    database,
    'UPDATE world SET settings = :settings, worker = :worker, random = coalesce(:random, random)',
  )
  return {
    /** `undefined` in a database that was never seeded. */
    read: (): WorldOrigin | undefined => read().get(),
    /** The same of a database that was. */
    planted: (): WorldOrigin => only(read()),
    begin(origin: WorldOrigin): void {
      begin().run(origin)
    },
    saveClock(clock: string): void {
      saveClock().run(clock)
    },
    /** Puts a world that came with a whole image upon other settings. */
    rebase(ground: Ground): void {
      rebase().run(ground)
    },
    save(progress: Progress): void {
      save().run(progress)
    },
  }
}
