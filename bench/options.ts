import { parseArgs } from 'node:util'

export const partNames = ['throughput', 'pages', 'start', 'growth', 'worlds', 'control', 'suite'] as const
export type PartName = (typeof partNames)[number]

export interface Options {
  readonly parts: readonly PartName[]
  /** Few rounds. */
  readonly quick: boolean
  /** Whether a missed target is a failure. */
  readonly strict: boolean
  /** Where every single figure is written. */
  readonly json: string
  /** Compare with another commit, and do nothing else: which one, or `undefined` for the last release. */
  readonly guard?: { readonly commit: string | undefined }
}

export const usage = `npm run bench -- [--only PART] [--quick] [--strict] [--json FILE]
npm run bench -- --guard [COMMIT]

How fast the emulator is, beside floors and peers; bench/README.md says how to read it. About twenty minutes, --quick
five. --strict ends with 1 where a target is missed. Every figure goes to --json (bench/results.json).
PART: ${partNames.join(', ')}.
--guard compares with a commit or the last release for two minutes, and ends with 1 where the emulator is slower.`

/**
 * What was asked for.
 *
 * @throws Error with a sentence where that is nothing there is
 */
export function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      json: { type: 'string', default: 'bench/results.json' },
      guard: { type: 'boolean', default: false },
    },
  })
  const { only, guard, ...rest } = values
  const [commit, ...more] = positionals
  const tooMany = guard ? more[0] : commit
  if (tooMany !== undefined) throw new Error(`${tooMany} is one argument too many; only --guard takes one, a commit`)
  const parts = only === undefined ? partNames : partNames.filter((name) => name === only)
  if (parts.length === 0) throw new Error(`--only takes ${partNames.join(', ')}, not "${only}"`)
  if (guard && (only !== undefined || rest.quick || rest.strict || rest.json !== 'bench/results.json'))
    throw new Error('--guard takes a commit and nothing else')
  return { ...rest, parts, ...(guard && { guard: { commit } }) }
}
