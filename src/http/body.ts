import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Refusal } from '../errors.ts'
import { refuse } from '../errors.ts'
import { parseStrictly } from './json.ts'

/** DEC-7: 12 MiB. */
export const largestBody = 12 * 1024 * 1024

type Headed = { readonly raw: { readonly headers: IncomingHttpHeaders } }

const jsonType = /^application\/json[ \t]*(?:;|$)/i

/** DEC-6: a missing `Content-Type` means JSON. */
export const isJson = ({ raw: { headers } }: Headed): boolean =>
  jsonType.test(headers['content-type'] ?? 'application/json')

/** Whether the request's head promises a body at once; a chunked one may still turn out to be empty. */
export const announcesBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  Number(headers['content-length']) > 0

/** Whether there may be a body at all. */
export const hasBody = (request: Pick<IncomingMessage, 'headers'>): boolean =>
  announcesBody(request) || request.headers['transfer-encoding'] !== undefined

export const tooLarge = () => refuse('tooLarge', 'body is larger than 12 MiB; send less at once [DEC-7]')

/** Why what a head says of the body cannot be JSON as it is; `undefined` where it can. */
export function mediaDefect({ raw: { headers } }: Headed): Refusal | undefined {
  if (!isJson({ raw: { headers } })) return refuse('mediaType', `Content-Type is not JSON; ${asJson}`)
  return isPlain(headers['content-encoding'])
    ? undefined
    : refuse('mediaType', `Content-Encoding is not taken; ${asItIs}`)
}

const asJson = 'send Content-Type: application/json [DEC-6]'
const asItIs = 'send the JSON as it is, without Content-Encoding [DEC-6]'

/** A coding, in a list of them, that leaves a body as it is. */
const plain = /^(?:identity)?$/i

export const isPlain = (codings = ''): boolean => codings.split(',').every((coding) => plain.test(coding.trim()))

/**
 * The JSON of a body, as its text and its value; an empty body is no body (DEC-6).
 *
 * @param parse reads the text; throws SyntaxError
 * @throws Refusal `mediaType`, or `malformed` for invalid UTF-8, broken JSON and `__proto__` keys
 */
export function parseBody(
  request: FastifyRequest,
  bytes: Buffer,
  parse: (text: string) => unknown = parseStrictly,
): unknown {
  const { exchange } = request
  exchange.arriving = null
  exchange.bodySize = bytes.length
  if (bytes.length === 0) return undefined
  exchange.bodyBytes = bytes
  const defect = mediaDefect(request)
  if (defect) throw defect
  if (!isUtf8(bytes)) throw refuse('malformed', 'body is not valid UTF-8 [DEC-12]')
  exchange.bodyText = bytes.toString()
  exchange.bodyBytes = null
  return parseText(exchange.bodyText, parse)
}

/**
 * The JSON that a body's text holds.
 *
 * @throws Refusal `malformed`
 */
function parseText(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw refuse('malformed', `body is not acceptable JSON: ${wordSyntaxError(error)} [DEC-12]`)
  }
}

/** V8 quotes a piece of the body in its message; only the position is of use, and safe to log. */
function wordSyntaxError(error: unknown): string {
  const message = String(error)
  if (message.includes('forbidden prototype')) return 'a __proto__ key'
  const position = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message)
  return position ? `syntax error ${position[0]}` : 'syntax error, or it ends too early'
}
