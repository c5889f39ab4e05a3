import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as passing } from 'node:timers/promises'
import { refusingCheck } from '../../src/http/check.ts'
import { exchangeOf } from '../../src/http/exchange.ts'
import type { Driven } from '../../test/fixtures/client.ts'
import { openWire } from '../hostile/fuzz.ts'
import type { Question } from './spoil.ts'

/** What came of a request that was really sent. */
export interface Sent {
  readonly accepted: boolean
  /** `null` where the object store answers, which has none; `undefined` where the answer had no body to say so. */
  readonly code: number | null | undefined
  readonly reason: string | null
  /** `undefined` where it was no request. */
  readonly check: string | null | undefined
  readonly isControl: boolean
  readonly status: number
  readonly text: string
}

/** As `explain` frames what it is asked: Latin-1 where that has all of it, else UTF-8. */
export function bytesOf({ method, path, headers, body }: Question): Buffer {
  const content = Buffer.from(body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body))
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const length = isFramed(headers) || content.length === 0 ? '' : `Content-Length: ${content.length}\r\n`
  const head = `${lines}${length}\r\n`
  const encoding = [...head].every((character) => character <= '\xff') ? 'latin1' : 'utf8'
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n`), Buffer.from(head, encoding), content])
}

/** The object store speaks XML, which has none. */
function codeIn(body: string): number | null | undefined {
  if (body === '') return undefined
  return body.startsWith('<') ? null : JSON.parse(body).code
}

const isFramed = (headers: Question['headers']): boolean =>
  headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))

const closed = (stream: IncomingMessage | ServerResponse) => new Promise((resolve) => stream.once('close', resolve))

/** Sends requests over connections of their own, and knows which check refused each. */
export function senderTo({ server, url }: Driven): (question: Question) => Promise<Sent> {
  const arrived: IncomingMessage[] = []
  let over: Promise<unknown> = Promise.resolve()
  server.server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    over = Promise.all([over, closed(request), closed(response)])
    arrived.push(request)
  })
  return async (question) => {
    const wire = await openWire(Number(new URL(url).port))
    arrived.length = 0
    over = Promise.resolve()
    void wire.send(bytesOf(question))
    // A body was announced that does not come.
    if (isFramed(question.headers) && (question.body ?? '') === '') wire.end()
    const first = await wire.answer(question.method)
    const { status, headers, body } = first.status === 100 ? await wire.answer(question.method) : first
    wire.end()
    await Promise.race([over, passing(300)]) // only then it is in the journal
    const [raw] = arrived // what followed on the same connection is another
    const exchange = raw?.[exchangeOf]
    const code = codeIn(body)
    const accepted = exchange?.isAccepted ?? false
    const check = exchange && refusingCheck(exchange)
    const isControl = exchange?.route.kind === 'control'
    return { isControl, accepted, code, check, reason: headers['x-emulator-reason'] ?? null, status, text: body }
  }
}
