import { resolve } from 'node:path'
import type { Flags } from './flags.ts'
import { standardOutput } from './outputs.ts'
import { UsageError } from './usage-error.ts'

/** What every command has that runs another one beside an emulator. */
export const besideFlags = {
  env: {
    takes: 'NAME=TEMPLATE',
    help: 'one variable more, such as BACKUP_URL={url}/koodrive/ose/v1/backup; repeatable',
    isRepeatable: true,
  },
  user: { takes: 'ID', help: 'whose token KOODRIVE_TOKEN is (1001)' },
} as const satisfies Flags

/** What it has where `serve` has something else: a free port, in memory, silent, and a long memory. */
export const besideDefaults = { port: '0', db: ':memory:', logLevel: 'silent', journalEntries: '100000' } as const

/** Flags, and behind `--` what is somebody else's. */
interface CommandLine {
  readonly own: readonly string[]
  readonly command: readonly string[]
}

function parted(args: readonly string[]): CommandLine {
  const end = args.indexOf('--')
  return end < 0 ? { own: args, command: [] } : { own: args.slice(0, end), command: args.slice(end + 1) }
}

/**
 * @param name of the command whose line it is
 * @throws UsageError where nothing is to be run
 */
export function commandLine(name: string, args: readonly string[]): CommandLine {
  const line = parted(args)
  if (line.command[0] === '') throw new UsageError('what to run is an empty text; is a variable of the shell not set?')
  if (line.command.length > 0) return line
  throw new UsageError(`what to run is missing; it stands behind --: ${name} [flags] -- COMMAND`)
}

export function asksForHelp(args: readonly string[]): boolean {
  const { own } = parted(args)
  return own.includes('--help') || own.includes('-h')
}

/** @throws UsageError where two reports would be written to one place */
export function requireDifferent(paths: readonly (string | undefined)[]): void {
  const places = paths.flatMap((path) => (path === undefined ? [] : [path === standardOutput ? path : resolve(path)]))
  if (new Set(places).size < places.length) throw new UsageError('each report needs a file of its own')
}

/** Whose token a command gets, unless somebody else is named. */
export const usualUser = '1001'

/** @throws UsageError */
export function readUser(text: string = usualUser): string {
  if (/^[!-~]{1,64}$/.test(text)) return text
  throw new UsageError('--user takes 1 to 64 visible ASCII characters without spaces')
}
