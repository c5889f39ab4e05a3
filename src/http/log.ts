import type { FastifyReply, FastifyRequest } from 'fastify'
import { LogController } from 'fastify'
import { controlPath } from '../../schemas/control.ts'

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? ''

/** One line a request; headers and bodies, where the secrets are, never go near it. */
export function logExchange(request: FastifyRequest, reply: FastifyReply, msg = 'answered'): void {
  const { method, operation, code, reason } = request
  const status = reply.statusCode
  const durationMs = Math.round(reply.elapsedTime * 1000) / 1000
  const line = { method, path: pathOf(request), operation, status, code, durationMs, reason }
  if (status >= 500) request.log.error(line, msg)
  // A health check every few seconds is no news.
  else if (request.url.startsWith(controlPath)) request.log.debug(line, msg)
  else request.log.info(line, msg)
}

/** Fastify's two lines a request become one, and its other lines about requests none. */
export class OneLinePerRequest extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(_error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    logExchange(request, reply)
  }

  override defaultErrorLog(): void {}

  override routeNotFound(): void {}
}
