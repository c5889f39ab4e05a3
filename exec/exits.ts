import type { ExitMeaning } from '../cli/help.ts'
import { unwrittenExit } from '../src/process/unwritten.ts'

/** How `exec` can end where it does not end as its command did. */
export const execExits = {
  failed: { status: 1, meaning: 'the command passed, and something that was asked for did not hold' },
  usage: { status: 2, meaning: 'wrong usage; nothing was run' },
  unwritten: unwrittenExit,
  tooLong: { status: 124, meaning: 'the command took longer than --timeout' },
  defective: { status: 125, meaning: 'the emulator could not start, or failed' },
  notRunnable: { status: 126, meaning: 'the command cannot be run' },
  notFound: { status: 127, meaning: 'there is no such command' },
} as const satisfies Record<string, ExitMeaning>

export const execExitMeanings: readonly ExitMeaning[] = [
  ...Object.values(execExits),
  { status: '128+n', meaning: 'signal n ended the command' },
  { status: 'else', meaning: 'as the command' },
]
