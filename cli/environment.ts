import type { EventEmitter } from 'node:events'
import { writeAll } from '../src/process/standard-streams.ts'
import { visible } from './visible.ts'

/** What a command finds itself in. */
export interface CommandEnvironment {
  readonly environment: NodeJS.ProcessEnv
  readonly signals: EventEmitter
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
  /** Ends the process at once. */
  readonly exit: (status: number) => void
  /** Unix milliseconds. */
  readonly wallClock: () => number
}

export const ofThisProcess: CommandEnvironment = {
  environment: process.env,
  signals: process,
  print: (text) => writeAll(process.stdout, text),
  complain: (text) => writeAll(process.stderr, text),
  exit: process.exit,
  wallClock: Date.now,
}

/** One sentence for a person, whoever's words are in it. */
export const say = ({ complain }: Pick<CommandEnvironment, 'complain'>, sentence: string): void =>
  complain(`koodrive-backup-emulator: ${visible(sentence)}\n`)
