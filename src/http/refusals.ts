import type { FastifyBaseLogger } from 'fastify'
import { basePath } from '../../schemas/common.ts'
import { contracts } from '../../schemas/index.ts'
import { Refusal, refuse } from '../errors.ts'

/** What Fastify finds wrong with a request by itself, as refusals of the catalogue. */
const frameworkRefusals: Readonly<Record<string, Refusal>> = {
  FST_ERR_BAD_URL: refuse('malformed', 'path has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]'),
  FST_ERR_CTP_BODY_TOO_LARGE: refuse('tooLarge', 'body is larger than 12 MiB; send less at once [DEC-7]'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: refuse('malformed', 'body is not as long as Content-Length says [DEC-12]'),
  ECONNRESET: refuse('malformed', 'the connection broke off before the body was complete [DEC-12]'),
}

/** Any error of a request as a refusal; what nobody foresaw is our own fault, and its cause goes to the log. */
export function asRefusal(error: unknown, log: FastifyBaseLogger): Refusal {
  if (error instanceof Refusal) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = frameworkRefusals[code]
  if (known) return known
  log.error({ err: error }, 'the emulator failed')
  return refuse('internal', 'the emulator failed; its log has the cause')
}

const routes = Object.values(contracts).map(({ method, path }) => ({
  method,
  form: new RegExp(`^${basePath}${path.replace(/\{\w+\}/g, '[^/]+')}$`),
}))

/** DEC-12: no such path, or a known one with a method it does not take. */
export function unknownRoute(method: string, url: string): Refusal {
  const [path = ''] = url.split('?')
  const methods = routes.filter(({ form }) => form.test(path)).map((route) => route.method)
  if (methods.length > 0)
    return refuse('unknownRoute', `${method} is not taken here; this path takes ${methods.join(', ')}`)
  return refuse('unknownRoute', `no operation has this path; operations are below ${basePath}/`)
}

/** What Node's own parser refuses before there is a request (DEC-11: 431 and 408 keep their status). */
export function unreadable(error: NodeJS.ErrnoException): Refusal {
  if (error.code === 'HPE_HEADER_OVERFLOW') return new Refusal('malformed', 'the headers are larger than 16 KiB', 431)
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Refusal('malformed', 'the request did not arrive in time', 408)
  return refuse('malformed', `this is not HTTP/1.1 (${error.code ?? 'unreadable'})`)
}
