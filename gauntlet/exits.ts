import type { ExitMeaning } from '../cli/help.ts'
import { unwrittenExit } from '../src/process/unwritten.ts'

/** How `gauntlet` can end: the exit status, and what it means. */
export const gauntletExits = {
  passed: { status: 0, meaning: 'nothing went wrong that should not, or nothing that is not accepted' },
  failed: { status: 1, meaning: 'something went wrong, and is not accepted' },
  usage: { status: 2, meaning: 'wrong usage; nothing was tried' },
  unkind: { status: 3, meaning: 'the command fails although nothing goes wrong' },
  unsteady: { status: 4, meaning: 'it passes once and not twice, or ends otherwise: it keeps something between runs' },
  silent: { status: 5, meaning: 'it never called the emulator' },
  defective: { status: 70, meaning: 'the gauntlet itself failed; please report it' },
  unwritten: unwrittenExit,
  interrupted: { status: 130, meaning: 'interrupted; what was found so far is reported' },
} as const satisfies Record<string, ExitMeaning>

export type GauntletExit = keyof typeof gauntletExits
