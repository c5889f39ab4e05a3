import type { ExitMeaning } from '../cli/help.ts'
import { unwrittenExit } from '../src/process/unwritten.ts'

/** How `verify` can end: the exit status, and what it means. */
export const exits = {
  conforms: { status: 0, meaning: 'every documented fact that can be observed holds' },
  departs: { status: 1, meaning: 'a documented fact does not hold' },
  usage: { status: 2, meaning: 'wrong usage; nothing was sent' },
  unreachable: { status: 3, meaning: 'the server cannot be reached, lets no request through, or was lost on the way' },
  insecure: { status: 4, meaning: 'no secure connection could be made' },
  foreign: { status: 5, meaning: 'what answers is not this API' },
  unauthorized: { status: 6, meaning: 'the server does not accept the credentials' },
  defective: { status: 70, meaning: 'the kit itself failed; please report it' },
  unwritten: unwrittenExit,
  interrupted: { status: 130, meaning: 'interrupted' },
} as const satisfies Record<string, ExitMeaning>

export type ExitName = keyof typeof exits

/** An end, and the one sentence for the person who is to do something about it. */
export interface Exit {
  readonly name: ExitName
  readonly sentence: string
}
