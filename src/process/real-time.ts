import { Socket } from 'node:net'
import { runInNewContext } from 'node:vm'
import { MessageChannel } from 'node:worker_threads'

/*
 * Time as it is, whatever the test that this runs in has put in the place of `Date` and of the timers. Fakes replace the
 * globals and the functions of node:timers, perhaps before this is loaded, so keeping a reference to those is not enough.
 * They reach neither another realm's `Date`, nor what Node's own sockets and ports take from inside of Node.
 * Only `waitAwake` keeps a process alive.
 */

/** A clock in Unix milliseconds, for the emulator in a process that is not its own. */
export const realClock = (): (() => number) => runInNewContext('Date.now')

const { uptime } = process

/** Seconds since the process began; no fake replaces it, as they do `performance` and `process.hrtime`. */
export const monotonicSeconds = (): number => uptime.call(process)

/**
 * Calls back after so many milliseconds.
 *
 * @returns what calls it off
 */
export function after(millis: number, work: () => void): () => void {
  const timer = new Socket().setTimeout(Math.max(1, millis), work) // of a socket, 0 is no timer
  return () => void timer.setTimeout(0)
}

/** Calls back again and again after so many milliseconds; returns what calls it off. */
export function regularly(millis: number, work: () => void): () => void {
  const next = () =>
    after(millis, () => {
      work()
      callOff = next()
    })
  let callOff = next()
  return () => callOff()
}

/** Resolves after so many milliseconds. */
export const wait = (millis: number): Promise<void> => new Promise((resolve) => void after(millis, resolve))

/** The same; the process does not end meanwhile for want of anything to do. */
export async function waitAwake(millis: number): Promise<void> {
  const { port1 } = new MessageChannel()
  port1.on('message', () => undefined)
  await wait(millis)
  port1.close()
}

let awaited: (() => void)[] = []
const { port1: door, port2: bell } = new MessageChannel()
bell.on('message', () => {
  const due = awaited
  awaited = []
  for (const work of due) work()
})
bell.unref()

/** Calls back once the present turn of the event loop is over. */
export function soon(work: () => void): void {
  if (awaited.push(work) === 1) door.postMessage(null)
}
