import { exits } from './exits.ts'
import { flags } from './options.ts'

/** What `verify --help` prints. */
export const help = (): string => `Verifies that a server speaks the KooDrive backup API as it is documented.

Usage
  koodrive-backup-emulator verify --target URL --user ID [flags]

It makes devices, scopes, records and locks of its own and takes them away again. Set the credentials in the
environment: other users of the machine can see the arguments of a process.

Flags
${Object.entries(flags).map(lineOf).join('\n')}
  ${'--help'.padEnd(width)}print this

Exit status
${Object.values(exits).map(statusLine).join('\n')}`

const width = 26

interface Shown {
  readonly takes?: string
  readonly help: string
  readonly environment?: string
}

function lineOf([name, { takes, help: meaning, environment }]: [string, Shown]): string {
  const usage = takes ? `--${name} ${takes}` : `--${name}`
  const also = environment ? `\n  ${' '.repeat(width)}${environment}` : ''
  return `  ${usage.padEnd(width)}${meaning}${also}`
}

const statusLine = ({ status, meaning }: { readonly status: number; readonly meaning: string }): string =>
  `  ${`${status}`.padEnd(6)}${meaning}`
