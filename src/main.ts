import { checkHealth } from './commands/health.ts'
import { helpFor } from './commands/help.ts'
import { printOpenApi } from './commands/openapi.ts'
import type { StopSignals } from './commands/serve.ts'
import { serve } from './commands/serve.ts'
import { logToStandardError } from './process/log-destination.ts'
import { version } from './process/package.ts'
import { makeSafe, whyShort, writeAll } from './process/standard-streams.ts'
import { StartupError } from './process/startup-error.ts'
import { unwrittenExit } from './process/unwritten.ts'
import { SettingsError } from './settings/settings.ts'

type Command = (args: readonly string[]) => Promise<number> | number

const commands: Readonly<Record<string, Command>> = {
  health: checkHealth,
  openapi: printOpenApi,
  // Loaded only where they are called: who serves has no use for them.
  async exec(args) {
    logToStandardError()
    return (await import('../exec/command.ts')).exec(args)
  },
  coverage: async (args) => (await import('../exec/coverage-command.ts')).tellCoverage(args),
  async gauntlet(args) {
    logToStandardError()
    return (await import('../gauntlet/command.ts')).gauntletCommand(args)
  },
  verify: async (args) => (await import('../verify/command.ts')).verify(args),
}

/** Those that say by themselves how they are used. */
const selfExplaining: ReadonlySet<string> = new Set(['coverage', 'exec', 'gauntlet', 'verify'])

/**
 * The command line.
 *
 * @param signals what asked this process to end so far, and what will
 * @returns the exit status: 0 done, 1 could not start, 2 wrong usage, 74 could not print, and what a command adds to that
 */
export async function main(args: readonly string[], signals: StopSignals): Promise<number> {
  for (const output of [process.stdout, process.stderr]) makeSafe(output)
  const [first = '', ...rest] = args
  const told = toldAtOnce(first, args)
  if (told !== undefined) return print(told)
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined
  try {
    if (command === undefined) return await serve(args, signals)
    await signals.release()
    const status = await command(rest)
    return first === 'health' ? status : await withOutput(status)
  } catch (error) {
    if (error instanceof SettingsError) return complain(error.message, 2)
    if (error instanceof StartupError) return complain(error.message, 1)
    throw error
  }
}

/** What is asked for in place of doing anything. */
function toldAtOnce(command: string, args: readonly string[]): string | undefined {
  if (selfExplaining.has(command)) return undefined
  if (args.includes('--help') || args.includes('-h')) return helpFor(command)
  return args.includes('--version') || args.includes('-v') ? version : undefined
}

function print(text: string): Promise<number> {
  writeAll(process.stdout, `${text}\n`)
  return withOutput(0)
}

/** What a command printed, it has to have printed whole; of one that is asked for its status alone, that is no matter. */
async function withOutput(status: number): Promise<number> {
  const why = await whyShort(process.stdout)
  if (why === undefined) return status
  complain(`standard output could not be written: ${why}`, status)
  return status === 0 ? unwrittenExit.status : status
}

function complain(sentence: string, status: number): number {
  process.stderr.write(`koodrive-backup-emulator: ${sentence}\n`)
  return status
}
