import { noWorlds } from '../cli/kept-worlds.ts'
import type { Run } from './run.ts'

/** What is to be seen of the run that showed it. */
type Evidence = Pick<Run, 'output' | 'har' | 'worlds'>

/** Why there is nothing to be compared with. */
export class NotKind extends Error {
  readonly reason: 'fails' | 'unsteady' | 'silent'
  readonly run: Evidence

  constructor(
    reason: NotKind['reason'],
    message: string,
    run: Evidence & { readonly cause?: unknown } = { output: '', har: undefined, worlds: noWorlds },
  ) {
    super(message, 'cause' in run ? { cause: run.cause } : {})
    this.reason = reason
    this.run = run
  }
}
