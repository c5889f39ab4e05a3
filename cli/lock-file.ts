import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf } from '../src/process/startup-error.ts'
import { Unwritten } from '../src/process/unwritten.ts'

/** How often, and how long between, a file is asked for that another run has. */
const usualAttempts = 500
const pauseMillis = 20

/**
 * Reads and writes a file while no other run does.
 *
 * @param what names it to the person who gave it
 * @throws Unwritten where another one does not let go of it
 */
export async function alone<Result>(
  what: string,
  file: string,
  work: () => Result,
  attempts = usualAttempts,
): Promise<Result> {
  const lock = `${file}.lock`
  for (let left = attempts; !isTaken(what, lock); left -= 1) {
    if (left <= 0)
      throw new Unwritten(`${what} could not be written: ${lock} is there; remove it, unless another run is writing`)
    await wait(pauseMillis)
  }
  try {
    return work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function isTaken(what: string, lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (Object(error).code === 'EEXIST') return false
    throw new Unwritten(`${what} could not be written: ${messageOf(error)}`)
  }
}
