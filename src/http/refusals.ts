import type { FastifyBaseLogger } from 'fastify'
import { basePath } from '../../schemas/common.ts'
import { contracts } from '../../schemas/index.ts'
import { Refusal, refuse } from '../errors.ts'
import { tooLarge } from './body.ts'
import { pathOf, routeForm } from './target.ts'

/** What Fastify finds wrong with a request by itself, as refusals of the catalogue. */
const frameworkRefusals: Readonly<Record<string, Refusal>> = {
  FST_ERR_BAD_URL: refuse('malformed', 'path has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]'),
  FST_ERR_CTP_BODY_TOO_LARGE: tooLarge(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: refuse('malformed', 'body is not as long as Content-Length says [DEC-12]'),
  ECONNRESET: refuse('malformed', 'the connection broke off before the body was complete [DEC-12]'),
}

/** Likewise Node's own parser; 431 and 408 keep their status. */
const parserRefusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: new Refusal('malformed', 'the headers are larger than 16 KiB [DEC-14]', 431),
  ERR_HTTP_REQUEST_TIMEOUT: new Refusal('malformed', 'the request did not arrive in time [DEC-14]', 408),
  HPE_INVALID_EOF_STATE: refuse('malformed', 'the connection ended before the request was complete [DEC-12]'),
}

/** Any error of a request as a refusal; what nobody foresaw is our own fault, and its cause goes to the log. */
export function asRefusal(error: unknown, log: FastifyBaseLogger): Refusal {
  if (error instanceof Refusal) return error
  const code = codeOf(error)
  const known = frameworkRefusals[code]
  if (known) return known
  if (code.startsWith('HPE_') || code in parserRefusals) return unreadable(error)
  log.error({ err: error }, 'the emulator failed')
  return refuse('internal', 'the emulator failed; its log has the cause')
}

/** What Node's own parser refuses, before there is a request or within its body. */
export function unreadable(error: unknown): Refusal {
  const code = codeOf(error)
  return parserRefusals[code] ?? refuse('malformed', `this is not HTTP/1.1 (${code}) [DEC-12]`)
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

const routes = Object.values(contracts).map(({ method, path }) => ({
  method,
  form: routeForm(path),
}))

/** DEC-14: no such path, or a known one with a method it does not take. */
export function unknownRoute(method: string, url: string): Refusal {
  const path = pathOf(url)
  const methods = routes.filter(({ form }) => form.test(path)).map((route) => route.method)
  if (methods.length > 0)
    return refuse('unknownRoute', `${method} is not taken here; this path takes ${methods.join(', ')}`)
  return refuse('unknownRoute', `no operation has this path; operations are below ${basePath}/`)
}

export const unreadableQuery = () =>
  refuse('malformed', 'query has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]')
