import { parseArgs } from 'node:util'

export const partNames = ['throughput', 'start', 'growth'] as const
export type PartName = (typeof partNames)[number]

export interface Options {
  readonly parts: readonly PartName[]
  /** Few rounds. */
  readonly quick: boolean
  /** Whether a missed target is a failure. */
  readonly strict: boolean
  /** Where every single figure is written. */
  readonly json: string
}

/** What was asked for; ends the process with 2 and a sentence where that is nothing there is. */
export function readOptions(): Options {
  try {
    const { only, ...rest } = parseArgs({
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        json: { type: 'string', default: 'bench/results.json' },
      },
    }).values
    const parts = only === undefined ? partNames : partNames.filter((name) => name === only)
    if (parts.length === 0) throw new Error(`--only takes ${partNames.join(', ')}, not "${only}"`)
    return { ...rest, parts }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return process.exit(2)
  }
}
