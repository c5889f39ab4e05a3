import { fstatSync, writeFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { after, wait } from './real-time.ts'

/** How much text may wait for its reader. */
const mostWaiting = 1 << 20

const gatheringMillis = 1

type Output = Writable & { readonly isTTY?: boolean; readonly _handle?: { setBlocking?(blocking: boolean): void } }

/** The line that says how many were dropped; of the instant when it is asked for, so that lines stay in their order. */
type Remark = () => (dropped: number) => string

const safe = new WeakSet<Output>()

/** What first went wrong at an output. */
const troubles = new WeakMap<Output, Error>()

/** A reader that is gone and a disk that is full are survived, and a terminal that takes nothing does not block. */
export function makeSafe(output: Output): void {
  if (safe.has(output)) return
  safe.add(output)
  output.on('error', (error) => note(output, error)) // whoever writes is told, too
  if (output.isTTY) output._handle?.setBlocking?.(false) // the only kind that Node writes to synchronously and that can block
}

const note = (output: Output, error: Error): unknown => troubles.has(output) || troubles.set(output, error)

/**
 * Writes a text whole, or learns why not: where a disk becomes full, Node itself leaves it at the part for which there was room,
 * and tells nobody.
 */
export function writeAll(output: NodeJS.WriteStream & { readonly fd: number }, text: string): void {
  makeSafe(output)
  if (!isFile(output.fd)) {
    output.write(text)
    return
  }
  try {
    writeFileSync(output.fd, text)
  } catch (error) {
    note(output, error as Error) // of the system
  }
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    return false
  }
}

/** Why not all has arrived that was written so far; nothing where a reader has only seen enough. */
export async function whyShort(output: Writable): Promise<string | undefined> {
  await new Promise((resolve) => output.write('', resolve))
  const { code, message }: { code?: string; message?: string } = Object(troubles.get(output))
  return code === 'EPIPE' ? undefined : message
}

/**
 * Lines on their way to whatever an output is. They are gathered for a millisecond: under load, a line then costs a fraction of
 * a system call. What its reader leaves waiting is bounded; lines beyond that, and those that cannot be written, are dropped
 * and counted.
 */
export class LineWriter {
  readonly #output: Output
  #remark: Remark = () => String
  #confession: ReturnType<Remark> = String
  #text = ''
  /** Lines in the text, and those whose loss it tells. */
  #lines = 0
  #dropped = 0
  /** The last one may have been written in part. */
  #isTorn = false

  constructor(output: Output) {
    makeSafe(output)
    this.#output = output.on('drain', () => this.#confess())
    process.once('exit', () => this.#flush())
  }

  /** Takes a line, and how to say in its way that some before or after it were dropped. */
  write(line: string, remark: Remark): void {
    this.#remark = remark
    if (this.#output.writableLength + this.#text.length > mostWaiting) {
      this.#drop(1)
      return
    }
    this.#confess()
    this.#add(line, 1)
  }

  /** Resolves once all is written, or after so many milliseconds. */
  async end(millis: number): Promise<void> {
    this.#flush()
    await Promise.race([new Promise((resolve) => this.#output.write('', resolve)), wait(millis)])
  }

  #drop(lines: number): void {
    this.#dropped += lines
    this.#confession = this.#remark()
  }

  #confess(): void {
    if (this.#dropped === 0) return
    const remark = this.#confession(this.#dropped)
    this.#add(this.#isTorn ? `\n${remark}` : remark, this.#dropped)
    this.#dropped = 0
    this.#isTorn = false
  }

  #add(text: string, lines: number): void {
    if (this.#text === '') after(gatheringMillis, () => this.#flush())
    this.#text += text
    this.#lines += lines
  }

  #flush(): void {
    if (this.#text === '') return
    const lines = this.#lines
    this.#output.write(this.#text, (error) => {
      if (!error) return
      this.#drop(lines)
      this.#isTorn = true
    })
    this.#text = ''
    this.#lines = 0
  }
}
