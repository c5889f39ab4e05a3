import type { Flags } from './flags.ts'

/** How far the meaning of a flag stands from the left. */
const flagWidth = 26

/** Every flag of a command with its meaning, and last `--help`. */
export const flagLines = (flags: Flags): string =>
  Object.entries({ ...flags, help: { help: 'print this' } } satisfies Flags)
    .map(([name, flag]) => flagLine(name, flag))
    .join('\n')

function flagLine(name: string, { takes, help: meaning, environment }: Flags[string]): string {
  const usage = takes ? `--${name} ${takes}` : `--${name}`
  const also = environment ? `\n  ${' '.repeat(flagWidth)}${environment}` : ''
  return `  ${usage.padEnd(flagWidth)}${meaning}${also}`
}

/** How a command can end: the exit status, and what it means. */
export interface ExitMeaning {
  readonly status: number | string
  readonly meaning: string
}

export const exitLines = (exits: readonly ExitMeaning[]): string =>
  exits.map(({ status, meaning }) => `  ${`${status}`.padEnd(6)}${meaning}`).join('\n')
