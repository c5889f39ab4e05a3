import { namesOf } from '../src/archive/park-names.ts'
import type { Emulator } from '../src/index.ts'

/** A world as it was at the end of a run. */
export interface KeptWorld {
  readonly name: string
  /** What the file is called, wherever names are told apart by more than their case or not. */
  readonly file: string
  /** Without secrets. */
  readonly archive: Buffer
}

/** The worlds that were used and are still there. */
export const keptWorlds = (emulator: Pick<Emulator, 'worlds'>): KeptWorld[] =>
  emulator
    .worlds()
    .filter((world) => world.coverage().requests > 0)
    .map((world) => ({ name: world.name, file: namesOf(world.name).parked, archive: world.archive() }))

/** Where worlds are and how they are used, for a person; `undefined` where none was kept. */
export const keptSentence = (files: readonly string[]): string | undefined =>
  files.length === 0 ? undefined : `to be opened with --open: ${files.join(', ')}`
