import { isUtf8 } from 'node:buffer'
import type { FastifyRequest } from 'fastify'
import { parse } from 'secure-json-parse'
import { refuse } from '../errors.ts'

/** DEC-7: 12 MiB. */
export const largestBody = 12 * 1024 * 1024

const jsonType = /^application\/json[ \t]*(?:;|$)/i

/** DEC-6: a missing `Content-Type` means JSON. */
export const isJson = ({ raw }: FastifyRequest): boolean =>
  jsonType.test(raw.headers['content-type'] ?? 'application/json')

/** Whether the request's head promises a body at once; a chunked one may still turn out to be empty. */
export const announcesBody = ({ headers }: FastifyRequest): boolean => Number(headers['content-length']) > 0

export const wrongMediaType = () =>
  refuse('mediaType', 'Content-Type is not JSON; send Content-Type: application/json [DEC-6]')

/**
 * The JSON of a body, as its text and its value; an empty body is no body (DEC-6).
 *
 * @throws Refusal `mediaType`, or `malformed` for invalid UTF-8, broken JSON and `__proto__` keys
 */
export function parseBody(request: FastifyRequest, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isJson(request)) throw wrongMediaType()
  if (!isUtf8(bytes)) throw refuse('malformed', 'body is not valid UTF-8 [DEC-12]')
  request.bodyText = bytes.toString()
  try {
    return parse(request.bodyText, { protoAction: 'error', constructorAction: 'ignore' })
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
