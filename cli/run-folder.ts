import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../src/process/startup-error.ts'

/** An empty folder for one run of a command. */
export interface RunFolder {
  readonly path: string
  /** Takes it away with all that is in it. Answers why that could not be done. */
  remove(): string | undefined
}

export function makeRunFolder(): RunFolder {
  const path = mkdtempSync(join(tmpdir(), 'koodrive-run-'))
  return { path, remove: () => whyNotRemoved(path) }
}

/** Takes a folder away. Answers why that could not be done. */
export function whyNotRemoved(path: string): string | undefined {
  try {
    rmSync(path, { recursive: true, force: true })
    return undefined
  } catch (error) {
    return `${path} is left behind: ${messageOf(error)}`
  }
}
