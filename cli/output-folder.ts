import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, removeEmptyFolders } from '../src/process/folders.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { Unwritten } from '../src/process/unwritten.ts'
import { writeWhole } from './output-file.ts'
import { UsageError } from './usage-error.ts'

/** A folder that is there once something is written into it. */
export interface OutputFolder {
  /** Writes a file whole or not at all. @returns its path @throws Unwritten */
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
      const place = join(path, file)
      remake(flag, path)
      writeWhole(`--${flag} ${place}`, place, content)
      return place
    },
  }
}

function tryOut(path: string): void {
  const made = makeFolder(path)
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
  } finally {
    removeEmptyFolders(made)
  }
}

function remake(flag: string, path: string): void {
  try {
    makeFolder(path)
  } catch (error) {
    throw new Unwritten(`--${flag} ${path} could not be written to: ${messageOf(error)}`)
  }
}
