import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { after } from '../process/real-time.ts'

interface RequestAndResponse {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Where a connection keeps what came over it last; for the same reason as a request its exchange. */
const latest: unique symbol = Symbol('latest')

declare module 'node:net' {
  interface Socket {
    [latest]?: RequestAndResponse
  }
}

/** How long a client may go on sending after its last answer: cutting it off would take the answer away unread. */
const lingerMillis = 1000

/** Sees to it that every connection ends with an answer that its client can read, given once and in its turn. */
export class Connections {
  /** Nothing that these still bring is a request any more. */
  readonly #over = new WeakSet<Socket>()

  /** Passes requests on, save those that come after a connection's last answer. */
  follow(listener: RequestListener): RequestListener {
    return (request, response) => {
      const { socket } = request
      if (this.#over.has(socket)) return
      if (!this.hasRequest(socket)) socket.destroySoon = () => this.#leave(socket) // called by Node after a last answer
      socket[latest] = { request, response }
      listener(request, response)
    }
  }

  /** Whether a request came over it, answered or not. */
  hasRequest(socket: Socket): boolean {
    return socket[latest] !== undefined
  }

  /** Whether a connection's fate is sealed; what else Node finds wrong with it is no news. */
  isOver(socket: Socket): boolean {
    return socket.destroyed || this.#over.has(socket)
  }

  /**
   * Lets the request whose body broke answer for itself.
   *
   * @returns false where the error lies outside of any request
   */
  breakRequest(socket: Socket, error: Error): boolean {
    const exchange = socket[latest]
    if (exchange === undefined || exchange.request.complete) return false
    const { request, response } = exchange
    response.shouldKeepAlive = false
    if (response.headersSent) this.#afterAnswers(socket, () => this.#leave(socket))
    else request.emit('error', error)
    return true
  }

  /** Says the last word on a connection, once all answers before it are out. */
  dismiss(socket: Socket, answer: string): void {
    this.#over.add(socket) // at once: while earlier answers wait, Node may find more to complain about
    this.#afterAnswers(socket, () => {
      if (socket.writable) socket.write(answer)
      this.#leave(socket)
    })
  }

  #afterAnswers(socket: Socket, work: () => void): void {
    const response = socket[latest]?.response
    if (response === undefined || response.writableFinished) work()
    else response.once('close', work)
  }

  #leave(socket: Socket): void {
    this.#over.add(socket)
    socket.end()
    socket.once(
      'close',
      after(lingerMillis, () => socket.destroy()),
    )
  }
}
