import { accessSync, constants, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, removeEmptyFolders } from '../src/process/folders.ts'
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
      makeFolder(path)
      writeFileSync(join(path, file), content)
      return join(path, file)
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
