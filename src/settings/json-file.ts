import { messageOf, StartupError } from '../process/startup-error.ts'
import { largestJson, wholeFile } from '../process/whole-file.ts'

/**
 * The JSON in a file that the emulator is started with.
 *
 * @param what names it to the person who gave it
 * @throws StartupError
 */
export function readJsonFile(file: string | URL, what: string): unknown {
  const text = readText(file, what)
  try {
    return JSON.parse(text)
  } catch (error) {
    const defect = messageOf(error)
    const cause = saysNoPlace(defect) ? `unexpected character ${offendingPlace(text)}` : defect
    throw new StartupError(`${what} is not JSON: ${cause}`)
  }
}

function readText(file: string | URL, what: string): string {
  try {
    return wholeFile(file, largestJson)
      .toString()
      .replace(/^\ufeff/, '') // as some editors begin a file
  } catch (error) {
    throw new StartupError(`${what} cannot be read: ${messageOf(error)}`)
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
