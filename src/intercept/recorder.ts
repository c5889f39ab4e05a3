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

/** The world that a request names, where there is one of this name. */
export type WorldOf = (request: FastifyRequest) => World | undefined

/** Keeps every exchange of a world in its journal, those that never got an answer included. */
export function recordExchanges(app: FastifyInstance, worldOf: WorldOf): void {
  const known = new WeakSet<Socket>()
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.url.startsWith(controlPath)) {
      const { socket } = request.raw
      const isFirst = !known.has(socket)
      known.add(socket)
      const before = worldOf(request)
      const arrival = before && arrivalOf(before, isFirst)
      request.whenOver = () => {
        const world = request.world ?? before
        // One that was made by this very request has begun only now.
        if (world) record(world, arrival ?? arrivalOf(world, isFirst), request, reply)
      }
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
  // Property by property: to spread the arrival among so many costs several times as much.
  world.journal.add({
    time: arrival.time,
    wallTime: arrival.wallTime,
    signingTime: arrival.signingTime,
    isFirstOnConnection: arrival.isFirstOnConnection,
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
    retryAfter: reply.hasHeader('retry-after') ? Number(reply.getHeader('retry-after')) : null,
    rowsWritten,
  })
}
