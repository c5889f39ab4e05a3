import type { IncomingMessage, RequestListener, Server, ServerOptions } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fastify } from 'fastify'
import type { Refusal } from '../errors.ts'
import type { World } from '../world/world.ts'
import { Connections } from './connections.ts'
import { rawRefusal } from './envelope.ts'
import { OneLinePerRequest } from './log.ts'
import { asRefusal, unknownRoute, unreadable } from './refusals.ts'
import { originForm, pathOf } from './target.ts'
import { compileValidator } from './validation.ts'

export interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

export interface Wiring {
  readonly logger: FastifyBaseLogger
  readonly tls: Tls | undefined
  /** Speaks where there is no request to ask. */
  readonly defaultWorld: () => World
  /** Answers where the path cannot be decoded, so that no route has the say. */
  readonly refuseTarget: (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => void
  /** Takes from a path what names a world. */
  readonly withoutWorld: (url: string) => string
  readonly limits?: Limits | undefined
}

/** Of Node's HTTP server. */
export type Limits = ServerOptions & { readonly maxConnections?: number }

/** Set on purpose: generous to slow phones, but nobody holds a connection for ever. */
const usualLimits = {
  headersTimeout: 30_000,
  requestTimeout: 3_600_000, // an upload of gigabytes over a slow line is one request (DEC-29)
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  requireHostHeader: false,
  maxConnections: 10_000, // far above what any test suite opens, below what systems let a process open
} as const satisfies Limits

/** A Fastify instance that leaves nothing to be answered by Fastify or Node in a form of their own. */
export function createHttpServer(wiring: Wiring): FastifyInstance {
  const { logger, refuseTarget, withoutWorld } = wiring
  const connections = new Connections()
  const dismiss = dismissal(wiring, connections)
  return fastify({
    loggerInstance: logger,
    logController: new OneLinePerRequest(),
    childLoggerFactory: (parent) => parent,
    genReqId: () => '',
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Judged by the contract (DEC-9); no path is longer than Node lets a head be.
    routerOptions: { maxParamLength: 16_384, querystringParser: parseQuery },
    schemaController: { compilersFactory: compilers as object }, // whose type names what Fastify would load itself
    rewriteUrl: ({ url = '/' }) => withoutWorld(originForm(url)),
    serverFactory: (handler) => answerEverything(openServer(wiring, connections.follow(handler)), dismiss),
    frameworkErrors: (error, request: FastifyRequest, reply) => {
      refuseTarget(request, reply, asRefusal(error, request.log))
    },
    clientErrorHandler(error, socket) {
      if (connections.isOver(socket) || connections.breakRequest(socket, error)) return
      dismiss(socket, unreadable(error)) // the bytes themselves may hold secrets and are not looked at
    },
  })
}

/** Instead of Fastify's own, which take a fifth of the start to load. */
const compilers = { buildValidator: () => compileValidator, buildSerializer: () => () => JSON.stringify }

/** For the control plane; the API reads its queries by itself (DEC-8). */
const parseQuery = (text: string): Record<string, string> =>
  text === '' ? {} : Object.fromEntries(new URLSearchParams(text))

function openServer({ tls, logger, limits = {} }: Wiring, listener: RequestListener): Server {
  const { maxConnections, ...options } = { ...usualLimits, ...limits }
  const server = tls ? createTlsServer({ ...options, ...tls }, listener) : createServer(options, listener)
  server.maxConnections = maxConnections
  server.on('drop', () => logger.warn({ maxConnections }, 'closed a connection: there are too many'))
  return server
}

type Dismiss = (socket: Socket, refusal: Refusal, target?: { readonly method: string; readonly path: string }) => void

/** Answers and logs where there is a connection but no request that Fastify knows. */
function dismissal({ logger, defaultWorld }: Wiring, connections: Connections): Dismiss {
  return (socket, refusal, target) => {
    const { answer, ...line } = rawRefusal(defaultWorld(), refusal)
    logger.info({ ...target, ...line }, 'refused before it was a request')
    connections.dismiss(socket, answer)
  }
}

/** `Expect` and `CONNECT` are not part of this API, yet no client is left without an answer in its own form. */
function answerEverything(server: Server, dismiss: Dismiss): Server {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined) // Node has let go of it, and listens no more
    dismiss(socket, unknownRoute('CONNECT', url), { method: 'CONNECT', path: pathOf(url) })
  })
  return server
}
