import type { EventEmitter } from 'node:events'
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

/** Writes for as long as somebody reads; what nobody reads changes nothing of how a command ends. */
function writing(stream: NodeJS.WriteStream): (text: string) => void {
  let isHeard = false
  return (text) => {
    if (!isHeard) stream.on('error', () => {})
    isHeard = true
    stream.write(text)
  }
}

export const ofThisProcess: CommandEnvironment = {
  environment: process.env,
  signals: process,
  print: writing(process.stdout),
  complain: writing(process.stderr),
  exit: process.exit,
  wallClock: Date.now,
}

/** One sentence for a person, whoever's words are in it. */
export const say = ({ complain }: Pick<CommandEnvironment, 'complain'>, sentence: string): void =>
  complain(`koodrive-backup-emulator: ${visible(sentence)}\n`)
