import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { messageOf } from '../src/process/startup-error.ts'
import { UsageError } from './usage-error.ts'

/** A folder that is there once something is written into it. */
export interface OutputFolder {
  /** @returns the path of the file */
  write(file: string, content: string | Uint8Array): string
}

/**
 * Makes sure that a folder can be written to, and leaves nothing behind by that.
 *
 * @throws UsageError
 */
export function outputFolder(flag: string, path: string): OutputFolder {
  try {
    tryOut(path)
  } catch (error) {
    throw new UsageError(`--${flag} ${path} cannot be written to: ${messageOf(error)}`)
  }
  return {
    write(file, content) {
      mkdirSync(path, { recursive: true })
      writeFileSync(join(path, file), content)
      return join(path, file)
    },
  }
}

/** Makes what is missing of a folder, and takes it away again. */
function tryOut(path: string): void {
  const made: string[] = []
  try {
    for (const folder of missing(path)) {
      mkdirSync(folder) // not all at once: where a system lets nobody make a folder, Node tries without end
      made.unshift(folder)
    }
    if (!statSync(path).isDirectory()) throw new Error('it is no folder')
    accessSync(path, constants.W_OK | constants.X_OK)
  } finally {
    for (const folder of made) rmdirSync(folder)
  }
}

/** The uppermost first. */
function missing(path: string): string[] {
  const folders: string[] = []
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) folders.unshift(folder)
  return folders
}
