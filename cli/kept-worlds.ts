import type { CoverageView } from '../schemas/coverage.ts'
import { namesOf } from '../src/archive/park-names.ts'
import type { WorldHandle } from '../src/index.ts'
import { messageOf } from '../src/process/startup-error.ts'

/** A world as it was at the end of a run. */
interface KeptWorld {
  readonly name: string
  /** What the file is called, wherever names are told apart by more than their case or not. */
  readonly file: string
  /** Without secrets. */
  readonly archive: Buffer
}

/** Worlds at the end of a run, and why others are not kept, a sentence each. */
export interface WorldsKept {
  readonly kept: readonly KeptWorld[]
  readonly lost: readonly string[]
}

export const noWorlds: WorldsKept = { kept: [], lost: [] }

/** The worlds that were used and are still there. One that is too large for a file takes no other, and no report, with it. */
export function keptWorlds(emulator: { worlds(): readonly ArchivedWorld[] }): WorldsKept {
  const [kept, lost]: [KeptWorld[], string[]] = [[], []]
  for (const world of emulator.worlds().filter((one) => one.coverage().requests > 0)) {
    const { name } = world
    try {
      kept.push({ name, file: namesOf(name).parked, archive: world.archive() })
    } catch (error) {
      lost.push(`the world ${name} is not kept: ${messageOf(error)}`)
    }
  }
  return { kept, lost }
}

type ArchivedWorld = Pick<WorldHandle, 'name' | 'archive'> & { coverage(): Pick<CoverageView, 'requests'> }

/** Where worlds are and how they are used, for a person; `undefined` where none was kept. */
export const keptSentence = (files: readonly string[]): string | undefined =>
  files.length === 0 ? undefined : `to be opened with --open: ${files.join(', ')}`
