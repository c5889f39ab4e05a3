import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  /** Status line and headers as text. */
  readonly head: string
  readonly body: string
}

const blank = '\r\n\r\n'

/** Where an answer ends in what came so far; `undefined` while it has not. */
function endOf(text: string, headEnd: number, head: string): number | undefined {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  if (length !== undefined) return headEnd + Number(length)
  if (!/^transfer-encoding: *chunked/im.test(head)) return headEnd
  const last = text.indexOf(`0${blank}`, headEnd)
  return last < 0 ? undefined : last + 1 + blank.length
}

function firstAnswer(text: string): { answer: Answer; end: number } | undefined {
  const blankAt = text.indexOf(blank)
  if (blankAt < 0) return undefined
  const head = text.slice(0, blankAt)
  const end = endOf(text, blankAt + blank.length, head)
  if (end === undefined || text.length < end) return undefined
  return { answer: { status: Number(head.slice(9, 12)), head, body: text.slice(blankAt + blank.length, end) }, end }
}

/** One connection, which sends a request once the one before it is answered, and does no more than it must. */
export class Connection {
  readonly #socket: Socket
  #received = ''
  #answered: (answer: Answer) => void = () => undefined
  #failed: (error: Error) => void = () => undefined

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (piece: string) => this.#take(piece))
    this.#socket.on('error', (error) => this.#failed(error))
    this.#socket.on('close', () => this.#failed(new Error('the server closed the connection')))
  }

  send(request: string | Buffer, answered: (answer: Answer) => void, failed: (error: Error) => void): void {
    this.#answered = answered
    this.#failed = failed
    this.#socket.write(request)
  }

  /** The same for whoever asks once. */
  ask(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => this.send(request, resolve, reject))
  }

  close(): void {
    this.#failed = () => undefined
    this.#socket.destroy()
  }

  async opened(): Promise<void> {
    await once(this.#socket, 'connect')
  }

  #take(piece: string): void {
    this.#received += piece
    const found = firstAnswer(this.#received)
    if (found === undefined) return
    this.#received = this.#received.slice(found.end)
    this.#answered(found.answer)
  }
}

/** A request as it goes over the wire. */
export function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): string {
  const lines = Object.entries({ host: 'localhost', ...headers, 'content-length': String(Buffer.byteLength(body)) })
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}${blank}${body}`
}
