import { readFileSync } from 'node:fs'
import { messageOf, StartupError } from './startup-error.ts'

/**
 * The JSON in a file that the emulator is started with.
 *
 * @param what names it to the person who gave it
 * @throws StartupError
 */
export function readJsonFile(file: string | URL, what: string): unknown {
  try {
    return JSON.parse(readText(file, what))
  } catch (error) {
    throw error instanceof StartupError ? error : new StartupError(`${what} is not JSON: ${messageOf(error)}`)
  }
}

function readText(file: string | URL, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartupError(`${what} cannot be read: ${messageOf(error)}`)
  }
}
