import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../src/process/startup-error.ts'
import { Unwritten } from '../src/process/unwritten.ts'
import { UsageError } from './usage-error.ts'

/** A file that is written whole or not at all. */
export interface OutputFile {
  /** Where it is; of a link, what it leads to. */
  readonly path: string
  /** @throws Unwritten */
  write(text: string): void
}

/**
 * Makes sure that a file can be written, without touching it.
 *
 * @throws UsageError
 */
export function outputFile(flag: string, path: string): OutputFile {
  const file = placeOf(flag, path)
  return { path: file, write: (text) => writeWhole(`--${flag} ${path}`, file, text) }
}

/**
 * Writes a file whole or not at all.
 *
 * @param what names it to the person who gave it
 * @throws Unwritten
 */
export function writeWhole(what: string, file: string, content: string | Uint8Array): void {
  const whole = `${file}.${process.pid}.part`
  try {
    writeFileSync(whole, content)
    renameSync(whole, file)
  } catch (error) {
    rmSync(whole, { force: true })
    throw new Unwritten(`${what} could not be written: ${messageOf(error)}`)
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
