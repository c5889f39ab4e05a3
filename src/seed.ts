import { readFileSync } from 'node:fs'
import { Seed } from '../schemas/seed.ts'
import { Refusal } from './errors.ts'
import { compileCheck } from './http/validation.ts'
import { packageFile } from './package.ts'
import { messageOf, StartupError } from './startup-error.ts'
import { repetition } from './world/seed-check.ts'

/**
 * The seed that `--seed` names: a file, `bundled` or `none` (DEC-32).
 *
 * @throws StartupError saying where in the file the mistake is
 */
export function readSeed(choice: string): Seed {
  if (choice === 'none') return {}
  const file = choice === 'bundled' ? packageFile('data/seed.json') : choice
  const document = parseJson(readText(file, choice), choice)
  try {
    const seed = compileCheck(Seed, 'seed')(document)
    const problem = repetition(seed)
    if (problem === undefined) return seed
    throw new StartupError(`the seed ${choice} has a mistake: ${problem}`)
  } catch (error) {
    throw error instanceof Refusal ? new StartupError(`the seed ${choice} has a mistake: ${error.reason}`) : error
  }
}

function readText(file: string | URL, choice: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartupError(`the seed ${choice} cannot be read: ${messageOf(error)}`)
  }
}

function parseJson(text: string, choice: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const defect = messageOf(error)
    const cause = saysNoPlace(defect) ? `unexpected character ${offendingPlace(text)}` : defect
    throw new StartupError(`the seed ${choice} is not JSON: ${cause}`)
  }
}

/** At an unexpected character, `JSON.parse` quotes what stands around it, secrets included, instead of saying where. */
const saysNoPlace = (message: string): boolean => message.endsWith('is not valid JSON')

/** The first character that no continuation of the text before it could have. */
function offendingPlace(text: string): string {
  let sound = 0
  let broken = text.length
  while (broken - sound > 1) {
    const middle = Math.floor((sound + broken) / 2)
    if (stopsWithin(text.slice(0, middle))) broken = middle
    else sound = middle
  }
  const lines = text.slice(0, broken).split('\n')
  return `at line ${lines.length}, column ${lines.at(-1)?.length}`
}

function stopsWithin(start: string): boolean {
  try {
    JSON.parse(start)
    return false
  } catch (error) {
    return saysNoPlace(messageOf(error))
  }
}
