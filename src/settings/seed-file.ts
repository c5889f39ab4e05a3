import { Seed } from '../../schemas/seed.ts'
import { Refusal } from '../errors.ts'
import { compileCheck } from '../http/validation.ts'
import { packageFile } from '../process/package.ts'
import { StartupError } from '../process/startup-error.ts'
import { mistakeIn } from '../world/seed-check.ts'
import { readJsonFile } from './json-file.ts'

/**
 * The seed that `--seed` names: a file, `bundled` or `none` (DEC-32).
 *
 * @throws StartupError saying where in the file the mistake is
 */
export function readSeed(choice: string): Seed {
  if (choice === 'none') return {}
  const isOurs = choice === 'bundled'
  const document = readJsonFile(isOurs ? packageFile('data/seed.json') : choice, `the seed ${choice}`)
  if (isOurs) return document as Seed // a test checks it, so that no start has to
  try {
    const seed = compileCheck(Seed, 'seed')(document)
    const problem = mistakeIn(seed)
    if (problem === undefined) return seed
    throw new StartupError(`the seed ${choice} has a mistake: ${problem}`)
  } catch (error) {
    throw error instanceof Refusal ? new StartupError(`the seed ${choice} has a mistake: ${error.reason}`) : error
  }
}
