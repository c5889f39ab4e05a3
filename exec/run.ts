import type { EventEmitter } from 'node:events'
import type { CommandEnd } from '../cli/child.ts'
import { startCommand, statusOf } from '../cli/child.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { execExits } from './exits.ts'
import type { Relay } from './relay.ts'

/** What a command is run with. */
export interface CommandOptions {
  readonly variables: NodeJS.ProcessEnv
  readonly timeoutMillis: number | undefined
  readonly relay: Relay
  readonly signals: EventEmitter
  /** How long a command may take that is asked to end. */
  readonly graceMillis: number
}

/** Runs a command on the streams of this process, to its end. */
export async function runCommand(
  command: readonly string[],
  { variables, timeoutMillis, relay, signals, graceMillis }: CommandOptions,
): Promise<CommandEnd> {
  if (relay.early) return { status: statusOf(relay.early), trouble: 'interrupted before the command was run' }
  const running = startCommand(command, { stdio: 'inherit', env: variables })
  if ('status' in running) return running
  const { child, ended } = running
  relay.to(child)
  let forced: CommandEnd | undefined
  const timers: NodeJS.Timeout[] = []
  const onTimeout = () => {
    forced = {
      status: execExits.tooLong.status,
      trouble: `the command took longer than ${Number(timeoutMillis) / 1000} seconds`,
    }
    child.kill('SIGTERM')
    timers.push(setTimeout(() => child.kill('SIGKILL'), graceMillis))
  }
  // What nobody caught is a fault of the emulator, which must not leave the command running.
  const onFailure = (error: unknown) => {
    forced = { status: execExits.defective.status, trouble: `the emulator failed: ${messageOf(error)}` }
    child.kill('SIGKILL')
  }
  if (timeoutMillis !== undefined) timers.push(setTimeout(onTimeout, timeoutMillis))
  signals.on('uncaughtException', onFailure)
  const end = await ended
  signals.off('uncaughtException', onFailure)
  for (const timer of timers) clearTimeout(timer)
  return forced ?? end
}
