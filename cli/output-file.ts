import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../src/process/startup-error.ts'
import { UsageError } from './usage-error.ts'

/** A file that is written whole or not at all. */
export interface OutputFile {
  write(text: string): void
}

/**
 * Makes sure that a file can be written, without touching it.
 *
 * @throws UsageError
 */
export function outputFile(flag: string, path: string): OutputFile {
  const file = placeOf(flag, path)
  return {
    write(text) {
      const whole = `${file}.${process.pid}.part`
      try {
        writeFileSync(whole, text)
        renameSync(whole, file)
      } finally {
        rmSync(whole, { force: true })
      }
    },
  }
}

function placeOf(flag: string, path: string): string {
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there && !there.isFile()) throw new Error('it is no file')
    const file = there ? realpathSync(path) : path // a link goes on leading to what is written
    accessSync(dirname(file), constants.W_OK | constants.X_OK)
    return file
  } catch (error) {
    throw new UsageError(`--${flag} ${path} cannot be written: ${messageOf(error)}`)
  }
}
