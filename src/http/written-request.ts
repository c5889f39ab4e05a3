import type { IncomingHttpHeaders } from 'node:http'
import { jsonOf } from './json.ts'

/** A request to be sent, as it would stand on the wire but for its framing. */
export interface WrittenRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Names and values, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** A body as it is sent: text as such, any other JSON as JSON. */
export const bodyBytes = (body: unknown): Buffer =>
  Buffer.from(body === undefined || typeof body === 'string' ? (body ?? '') : jsonOf(body))

/** Headers as they are written in JSON. */
export const headerPairs = (headers: Readonly<Record<string, string | readonly string[]>>): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))

/** Of these, Node takes the first and leaves out the others; values of any other header it joins. */
const onlyFirst = new Set(
  `age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since
  last-modified location max-forwards proxy-authorization referer retry-after server user-agent`.split(/\s+/),
)

/** The value that Node gives a request's own code for a header, by its name in lower case. */
export function sentHeaders({ headers }: Pick<WrittenRequest, 'headers'>): IncomingHttpHeaders {
  const grouped = Map.groupBy(headers, ([name]) => name.toLowerCase())
  return Object.fromEntries(
    [...grouped].map(([name, lines]) => {
      const values = lines.map(([, value]) => value)
      return [name, onlyFirst.has(name) ? values[0] : values.join(name === 'cookie' ? '; ' : ', ')]
    }),
  )
}

/** The values of a header, one for each time that it is there. */
export const valuesOfHeader = ({ headers }: WrittenRequest, name: string): string[] =>
  headers.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value)

/** Of the headers of a request, those that say who calls, when, and where: a call beside it has them, too. */
export const ofTheCaller = (headers: WrittenRequest['headers']): WrittenRequest['headers'] =>
  headers.filter(([name]) =>
    ['authorization', 'x-user-id', 'x-date', 'x-emulator-world', 'host'].includes(name.toLowerCase()),
  )

/** The request with other values of a header, or without it. */
export function withHeader(request: WrittenRequest, name: string, values: readonly string[]): WrittenRequest {
  const isOther = ([one]: readonly [string, string]) => one.toLowerCase() !== name.toLowerCase()
  const place = request.headers.findIndex((pair) => !isOther(pair))
  const others = request.headers.filter(isOther)
  const pairs = values.map((value) => [name, value] as const)
  return { ...request, headers: others.toSpliced(place < 0 ? others.length : place, 0, ...pairs) }
}

/** The request as bytes, its body's length added where nothing is said of that. */
export function bytesOf({ method, path, headers, body }: WrittenRequest): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  const isFramed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
  const framing = isFramed || body.length === 0 ? '' : `Content-Length: ${body.length}\r\n`
  const target = Buffer.from(`${method.toUpperCase()} ${path} HTTP/1.1\r\n`)
  return Buffer.concat([target, headBytes(`${lines.join('')}${framing}\r\n`), body])
}

/** Clients send what Latin-1 has as Latin-1, and all else as UTF-8. */
const headBytes = (head: string): Buffer => Buffer.from(head, /^[\0-\xff]*$/.test(head) ? 'latin1' : 'utf8')
