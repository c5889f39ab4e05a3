import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { controlPath } from '../../schemas/control.ts'
import { keepBody } from '../world/journal.ts'
import type { World } from '../world/world.ts'

/** What is known when a request arrives, and gone when it is answered. */
interface Arrival {
  readonly time: number
  readonly wallTime: number
  readonly signingTime: number
  readonly isFirstOnConnection: boolean
}

/** Keeps every exchange of a world in its journal, those that never got an answer included. */
export function recordExchanges(app: FastifyInstance, worldOf: (request: FastifyRequest) => World): void {
  const known = new WeakSet<Socket>()
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.url.startsWith(controlPath)) {
      const { socket } = request.raw
      const arrival = arrivalOf(worldOf(request), !known.has(socket))
      known.add(socket)
      reply.raw.once('close', () => record(request.world ?? worldOf(request), arrival, request, reply))
    }
    done()
  })
}

const arrivalOf = ({ clock }: World, isFirstOnConnection: boolean): Arrival => ({
  time: clock.stateNow(),
  wallTime: clock.wallNow(),
  signingTime: clock.signingNow(),
  isFirstOnConnection,
})

function record(world: World, arrival: Arrival, request: FastifyRequest, reply: FastifyReply): void {
  const { raw, operation, code, reason, bodyText, answer, originalUrl, fault, method, rowsWritten } = request
  world.journal.add({
    ...arrival,
    durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
    operation,
    method,
    url: originalUrl,
    world: world.name,
    requestHeaders: raw.rawHeaders,
    requestBody: keepBody(bodyText ?? ''),
    status: reply.raw.headersSent ? reply.statusCode : null,
    code,
    reason,
    responseBody: keepBody(answer ?? ''),
    fault,
    retryAfter: Number(reply.getHeader('retry-after') ?? Number.NaN) || null,
    rowsWritten,
  })
}
