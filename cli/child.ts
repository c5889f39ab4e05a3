import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'

/** How a command ended. */
export interface CommandEnd {
  /** As a shell has it: its own, 128 and the number of the signal that ended it, 126 or 127 where it could not be run. */
  readonly status: number
  /** Why it was never run. */
  readonly trouble?: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<CommandEnd>
}

/**
 * Starts a command, without a shell in between.
 *
 * @returns its end, where the system takes no such command at all
 */
export function startCommand(
  [name = '', ...args]: readonly string[],
  options: SpawnOptions,
): RunningCommand | CommandEnd {
  let child: ChildProcess
  try {
    child = spawn(name, args, { ...options, shell: false })
  } catch (error) {
    return neverRun(name, error as NodeJS.ErrnoException) // of all errors that it throws
  }
  const ended = new Promise<CommandEnd>((resolve) => {
    // One that runs reports an error where it cannot be sent a signal, which is no end of it.
    child.on('error', (error) => child.pid === undefined && resolve(neverRun(name, error)))
    child.once('exit', (code, signal) => resolve({ status: code ?? statusOf(signal as NodeJS.Signals) })) // one of the two is there
  })
  return { child, ended }
}

/** What a shell makes of a command that a signal ended. */
export const statusOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

function neverRun(name: string, error: NodeJS.ErrnoException): CommandEnd {
  if (error.code !== 'ENOENT') return { status: 126, trouble: `${name} cannot be run: ${error.message}` }
  const isThere = name.includes('/') && existsSync(name)
  if (isThere) return { status: 126, trouble: `${name} cannot be run: the interpreter that it names is not there` }
  return { status: 127, trouble: `there is no command ${name}` }
}
