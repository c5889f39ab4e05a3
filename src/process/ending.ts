import { after } from './real-time.ts'

/** How long something left over, such as output that nobody reads, keeps a process that has done its work. */
const leftoverMillis = 1000

/**
 * Lets this process end with a status: as soon as nothing is left to do, and after a second in any case. Not at once, for
 * `process.exit` waits for threads on which Node compiles, and those may be waiting for it to collect garbage: then neither
 * ever ends (nodejs/node#64274).
 */
export function endWith(status: number): void {
  process.exitCode = status
  after(leftoverMillis, () => process.exit(status))
}
