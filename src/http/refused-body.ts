import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { after } from '../process/real-time.ts'

/** More is kept than a journal shows, so that a secret across its border is seen whole, however it is written. */
const mostBytes = 40 * 1024

/** How long the rest of a body that nobody waits for is given, once its request is answered. */
const patienceMillis = 250

/** A body that comes after its request was refused: its beginning is kept for whoever looks at the exchange. */
export class RefusedBody {
  readonly #request: IncomingMessage
  readonly #hash: Hash = createHash('sha256')
  #kept: Buffer[] = []
  size = 0

  constructor(request: IncomingMessage) {
    this.#request = request
    request.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  #take(chunk: Buffer): void {
    if (this.size < mostBytes) this.#kept.push(chunk.subarray(0, mostBytes - this.size))
    this.#hash.update(chunk)
    this.size += chunk.length
  }

  get beginning(): Buffer {
    return Buffer.concat(this.#kept)
  }

  get sha256(): string {
    return this.#hash.copy().digest('hex')
  }

  /** Calls back once all of it is there, or will not come. */
  whenOver(done: () => void): void {
    const request = this.#request
    if (request.readableEnded || request.destroyed) {
      done()
      return
    }
    const once = () => {
      callOff()
      request.off('end', once).off('close', once)
      done()
    }
    const callOff = after(patienceMillis, once)
    request.once('end', once).once('close', once)
  }
}
