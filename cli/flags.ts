import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** One flag of a command, as its help shows it. */
export interface Flag {
  /** What follows the flag; absent where nothing does. */
  readonly takes?: string
  readonly help: string
  /** A variable that says the same. */
  readonly environment?: string
  /** True where it may be given more than once. */
  readonly isRepeatable?: boolean
}

export type Flags = Readonly<Record<string, Flag>>

/** What was given: the text after a flag, all texts after one that may be repeated, `true` of one that takes none. */
export type GivenFlags<All extends Flags> = {
  readonly [Name in keyof All]?: All[Name] extends { readonly isRepeatable: true }
    ? readonly string[]
    : All[Name] extends { readonly takes: string }
      ? string
      : true
}

/**
 * The flags of a command line. Of one that is given twice and may not be repeated, the last counts.
 *
 * @throws UsageError for a flag nobody knows, one without its value, one with a value too many, and words that belong to none
 */
export function readFlags<const All extends Flags>(flags: All, args: readonly string[]): GivenFlags<All> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { takes, isRepeatable = false }]: [string, Flag]) => [
      name,
      { type: takes ? ('string' as const) : ('boolean' as const), multiple: isRepeatable },
    ]),
  )
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`"${token.value}" belongs to no flag; --help lists them`)
    if (token.kind === 'option') requireFit(token, Object.hasOwn(flags, token.name) ? flags[token.name] : undefined)
  }
  return values as GivenFlags<All> // each was just held against what its flag takes
}

/** A flag as it was given, `--name=value` or `--name value`. */
interface GivenFlag {
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function requireFit({ rawName, value, inlineValue }: GivenFlag, flag: Flag | undefined): void {
  if (flag === undefined) throw new UsageError(`there is no flag ${rawName}; --help lists them`)
  const isMissing = !value || (!inlineValue && value.startsWith('--'))
  if (flag.takes && isMissing) throw new UsageError(`${rawName} needs a value: ${flag.takes}`)
  if (!flag.takes && value !== undefined) throw new UsageError(`${rawName} takes no value`)
}

/** @throws UsageError unless a text is a whole number between two others, both included */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(`--${flag} takes a whole number from ${least} to ${most}`)
}
