import { checkHealth } from './commands/health.ts'
import { help } from './commands/help.ts'
import { printOpenApi } from './commands/openapi.ts'
import { serve } from './commands/serve.ts'
import { version } from './package.ts'
import { SettingsError } from './settings.ts'
import { StartupError } from './startup-error.ts'

type Command = (args: readonly string[]) => Promise<number> | number

const commands: Readonly<Record<string, Command>> = {
  health: checkHealth,
  openapi: printOpenApi,
  // Loaded only where it is called: who serves has no use for it.
  verify: async (args) => (await import('./verify/command.ts')).verify(args),
}

/** Those that have a help of their own. */
const selfExplaining: ReadonlySet<string> = new Set(['verify'])

/**
 * The command line.
 *
 * @returns the exit status: 0 done, 1 could not start, 2 wrong usage, and what a command adds to that
 */
export async function main(args: readonly string[]): Promise<number> {
  const [first = '', ...rest] = args
  if (!selfExplaining.has(first)) {
    if (args.includes('--help') || args.includes('-h')) return print(help())
    if (args.includes('--version') || args.includes('-v')) return print(version)
  }
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined
  try {
    return await (command ? command(rest) : serve(args))
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
