import type { FastifyReply, FastifyRequest } from 'fastify'
import { LogController } from 'fastify'
import { defaultName } from '../world/worlds.ts'
import { refusingCheck } from './check.ts'
import { hasBegun } from './envelope.ts'
import type { Exchange } from './exchange.ts'
import { exchangeOf } from './exchange.ts'
import type { Provenance, Trust } from './proxies.ts'
import { provenanceOf } from './proxies.ts'

/** One line a request; headers and bodies, where the secrets are, never go near it. */
function logExchange(request: FastifyRequest, reply: FastifyReply, provenance: Provenance | undefined): void {
  if (request.log.level === 'silent') return
  const { method, exchange } = request
  const { operation, target, worldName, route } = exchange
  const durationMs = Math.round(reply.elapsedTime * 1000) / 1000
  const { text } = exchange.redaction
  const world = typeof worldName === 'string' && worldName !== defaultName ? text(worldName) : undefined
  const line = {
    method,
    path: text(target.path),
    world,
    operation,
    ...outcomeOf(request, reply),
    durationMs,
    ...numberOf(exchange),
    ...provenance,
  }
  const msg = reply.raw.writableFinished ? 'answered' : 'broken off'
  if (isOwnFailure(exchange, reply)) request.log.error(line, msg)
  // A health check every few seconds is no news.
  else if (route.kind === 'control') request.log.debug(line, msg)
  else request.log.info(line, msg)
}

/** Where a refused request is found again; the world is named where it is not the one that was asked for. */
function numberOf({ entry, worldName }: Exchange) {
  if (entry === null) return {}
  return { request: entry.id, ...(entry.world !== worldName && { journal: entry.world }) }
}

/** Neither what a fault injected nor a limit that was reached nor a status that a profile chose. */
const isOwnFailure = ({ refusal, fault, route }: Exchange, { statusCode }: FastifyReply): boolean =>
  route.kind === 'control' ? statusCode === 500 : refusal?.key === 'internal' && fault === null

function outcomeOf({ exchange: { code, reason, fault } }: FastifyRequest, { raw, statusCode: status }: FastifyReply) {
  const outcome = { code, ...(fault ? { fault } : {}) }
  if (hasBegun(raw)) return { status, ...outcome, reason }
  return { status: null, ...outcome, reason: 'the connection broke off before there was an answer' }
}

/** Told of each exchange that is over, save for trials. */
export type OnOver = (exchange: Exchange, reply: FastifyReply) => void

/** Fastify's lines about a request, which would show its headers, become one, whether it was answered or broken off. */
export class OneLinePerRequest extends LogController {
  readonly #trust: Trust | undefined
  readonly #onOver: OnOver

  constructor(trust: Trust | undefined, onOver: OnOver) {
    super({ disableRequestLogging: true })
    this.#trust = trust
    this.#onOver = onOver
  }

  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    const exchange = request.raw[exchangeOf]
    /* c8 ignore next -- each request is read before Fastify learns of it */
    if (exchange === undefined) throw new Error('a request that was not read')
    request.exchange = exchange
    const provenance = provenanceOf(request, this.#trust) // now: a socket that is gone has no address any more
    reply.raw.once('close', () => {
      if (exchange.trial) return conclude(request)
      logExchange(request, reply, provenance)
      this.#onOver(exchange, reply)
      exchange.whenOver?.()
      exchange.world?.release()
    })
  }
}

function conclude({ method, exchange, raw }: FastifyRequest): void {
  const { trial, isAccepted, refusal, code, reason, target, check, part, operation, bodyText, answer } = exchange
  const signed = check === null ? {} : { signed: { method, target, headers: raw.headers, body: bodyText } }
  trial?.conclude({
    isAccepted,
    refusal,
    check: refusingCheck(exchange),
    part,
    operation,
    code,
    reason,
    answer,
    ...signed,
  })
}
