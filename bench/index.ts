import { explain } from '../tools/usage.ts'
import { guard } from './guard.ts'
import type { Options } from './options.ts'
import { optionsOf, usage } from './options.ts'
import { benchmark } from './parts.ts'

/*
 * How fast the emulator is, in comparison: README.md beside this file says how to read it.
 */

explain(usage, Number.POSITIVE_INFINITY)

function readOptions(): Options | undefined {
  try {
    return optionsOf(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return undefined
  }
}

const options = readOptions()
if (options === undefined) process.exitCode = 2
else process.exitCode = await (options.guard ? guard(options.guard.commit) : benchmark(options))
