import { checkHealth } from './commands/health.ts'
import { help } from './commands/help.ts'
import { printOpenApi } from './commands/openapi.ts'
import type { StopSignals } from './commands/serve.ts'
import { serve } from './commands/serve.ts'
import { version } from './process/package.ts'
import { makeSafe } from './process/standard-streams.ts'
import { StartupError } from './process/startup-error.ts'
import { SettingsError } from './settings/settings.ts'

type Command = (args: readonly string[]) => Promise<number> | number

const commands: Readonly<Record<string, Command>> = {
  health: checkHealth,
  openapi: printOpenApi,
  // Loaded only where they are called: who serves has no use for them.
  exec: async (args) => (await import('../exec/command.ts')).exec(args),
  coverage: async (args) => (await import('../exec/coverage-command.ts')).tellCoverage(args),
  gauntlet: async (args) => (await import('../gauntlet/command.ts')).gauntletCommand(args),
  verify: async (args) => (await import('../verify/command.ts')).verify(args),
}

/** Those that have a help of their own. */
const selfExplaining: ReadonlySet<string> = new Set(['coverage', 'exec', 'gauntlet', 'verify'])

/**
 * The command line.
 *
 * @param signals what asked this process to end so far, and what will
 * @returns the exit status: 0 done, 1 could not start, 2 wrong usage, and what a command adds to that
 */
export async function main(args: readonly string[], signals: StopSignals): Promise<number> {
  for (const output of [process.stdout, process.stderr]) makeSafe(output)
  const [first = '', ...rest] = args
  if (!selfExplaining.has(first)) {
    if (args.includes('--help') || args.includes('-h')) return print(help())
    if (args.includes('--version') || args.includes('-v')) return print(version)
  }
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined
  try {
    if (command === undefined) return await serve(args, signals)
    await signals.release()
    return await command(rest)
  } catch (error) {
    if (error instanceof SettingsError) return complain(error.message, 2)
    if (error instanceof StartupError) return complain(error.message, 1)
    throw error
  }
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function complain(sentence: string, status: number): number {
  process.stderr.write(`koodrive-backup-emulator: ${sentence}\n`)
  return status
}
