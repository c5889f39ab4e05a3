import type { FastifyReply, FastifyRequest } from 'fastify'
import { LogController } from 'fastify'
import { controlPath } from '../../schemas/control.ts'
import { defaultName } from '../world/worlds.ts'
import { hiderOf, mayHoldSecret } from './secrets.ts'
import { pathOf } from './target.ts'
import { nameIfAny } from './world-name.ts'

/** One line a request; headers and bodies, where the secrets are, never go near it. */
function logExchange(request: FastifyRequest, reply: FastifyReply): void {
  if (request.log.level === 'silent') return
  const { method, url, operation } = request
  const durationMs = Math.round(reply.elapsedTime * 1000) / 1000
  const named = nameIfAny(request)
  const world = named === defaultName ? undefined : named
  const sent = pathOf(url)
  const path = mayHoldSecret(sent, request.raw.headers) ? hiderOf(request.raw.rawHeaders).url(sent) : sent
  const line = { method, path, world, operation, ...outcomeOf(request, reply), durationMs }
  const msg = reply.raw.writableFinished ? 'answered' : 'broken off'
  if (reply.statusCode >= 500) request.log.error(line, msg)
  // A health check every few seconds is no news.
  else if (url.startsWith(controlPath)) request.log.debug(line, msg)
  else request.log.info(line, msg)
}

function outcomeOf({ code, reason, fault }: FastifyRequest, { raw, statusCode: status }: FastifyReply) {
  const outcome = { code, ...(fault ? { fault } : {}) }
  if (raw.headersSent) return { status, ...outcome, reason }
  return { status: null, ...outcome, reason: 'the connection broke off before there was an answer' }
}

/** Fastify's lines about a request, which would show its headers, become one, whether it was answered or broken off. */
export class OneLinePerRequest extends LogController {
  constructor() {
    super({ disableRequestLogging: true })
  }

  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    reply.raw.once('close', () => {
      logExchange(request, reply)
      request.whenOver?.()
    })
  }
}
