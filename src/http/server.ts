import type { Server, ServerOptions } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { fastify } from 'fastify'
import type { World } from '../world/world.ts'
import type { WorldOf } from './bind.ts'
import { rawRefusal, sendRefusal } from './envelope.ts'
import { logExchange, OneLinePerRequest } from './log.ts'
import { asRefusal, unreadable } from './refusals.ts'

export interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

export interface Wiring {
  readonly logger: FastifyBaseLogger
  readonly tls: Tls | undefined
  /** Speaks where there is no request to ask. */
  readonly defaultWorld: () => World
  readonly worldOf: WorldOf
}

/** Set on purpose: generous to slow phones, but nobody holds a connection for ever. */
const limits: ServerOptions = {
  headersTimeout: 30_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  requireHostHeader: false,
}

/** A Fastify instance that leaves nothing to be answered by Fastify or Node in a form of their own. */
export function createHttpServer({ logger, tls, defaultWorld, worldOf }: Wiring): FastifyInstance {
  return fastify({
    loggerInstance: logger,
    logController: new OneLinePerRequest(),
    childLoggerFactory: (parent) => parent,
    genReqId: () => '',
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Judged by the contract (DEC-9); no path is longer than Node lets a head be.
    routerOptions: { maxParamLength: 16_384, querystringParser: () => ({}) },
    serverFactory: (handler) => {
      const server = tls ? createTlsServer({ ...limits, ...tls }, handler) : createServer(limits, handler)
      return answerEverything(server)
    },
    frameworkErrors: (error, request: FastifyRequest, reply) => {
      reply.raw.once('finish', () => logExchange(request, reply))
      sendRefusal(reply, worldOf(request), asRefusal(error, request.log))
    },
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, defaultWorld(), logger),
  })
}

/** `Expect` and `CONNECT` are not part of this API, yet no client is left without an answer in its own form. */
function answerEverything(server: Server): Server {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  return server
}

/** Answers what Node could not read; the bytes themselves may hold secrets and are not looked at. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket, world: World, log: FastifyBaseLogger): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const refusal = unreadable(error)
  log.info({ status: refusal.status ?? 400, reason: refusal.reason }, 'refused before it was a request')
  socket.end(rawRefusal(world, refusal), () => socket.destroy())
}
