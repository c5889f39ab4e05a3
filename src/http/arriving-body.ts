import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { after } from '../process/real-time.ts'

/** More is kept than a journal shows, so that a secret across its border is seen whole, however it is written. */
const mostBytes = 40 * 1024

/** How long the rest of a body that nobody waits for is given, once its request is answered, and how often anew while it comes. */
const patienceMillis = 250
const mostPatience = 8

/** A body as far as it came: where it is not read to its end, whoever looks at the exchange is shown that much. */
export class ArrivingBody {
  /** Whether more is kept of it than its size. */
  readonly isKept: boolean
  readonly #request: IncomingMessage
  /** Of all that came, once not all of it is kept. */
  #hash: Hash | null = null
  #kept: Buffer[] = []
  #isBroken = false
  size = 0

  constructor(request: IncomingMessage, isKept = true) {
    this.#request = request
    this.isKept = isKept
    request.on('data', (chunk: Buffer) => this.#take(chunk))
    request.once('error', () => {
      this.#isBroken = true
    })
  }

  #take(chunk: Buffer): void {
    if (this.isKept && (this.#hash === null || this.size < mostBytes)) this.#kept.push(chunk)
    this.#hash?.update(chunk)
    this.size += chunk.length
  }

  /** Nobody is going to read it: from now on, no more than its beginning is kept. */
  giveUp(): this {
    this.#hash ??= this.#hashed()
    this.#kept = [this.beginning]
    return this
  }

  get beginning(): Buffer {
    return Buffer.concat(this.#kept).subarray(0, mostBytes)
  }

  get sha256(): string {
    return (this.#hash?.copy() ?? this.#hashed()).digest('hex')
  }

  #hashed(): Hash {
    const hash = createHash('sha256')
    for (const chunk of this.#kept) hash.update(chunk)
    return hash
  }

  /** Calls back once all of it is there, or will not come. */
  whenOver(done: () => void): void {
    const request = this.#request
    if (this.#isBroken || request.readableEnded || request.destroyed) {
      done()
      return
    }
    const once = () => {
      callOff()
      request.off('end', once).off('close', once)
      done()
    }
    let callOff: () => void
    const wait = (size: number, turns: number) => {
      callOff = after(patienceMillis, () => (this.size > size && turns > 1 ? wait(this.size, turns - 1) : once()))
    }
    wait(this.size, mostPatience)
    request.once('end', once).once('close', once)
  }
}
