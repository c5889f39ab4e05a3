import type { IncomingMessage, RequestListener, Server, ServerOptions } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { fastify } from 'fastify'
import type { Refusal } from '../errors.ts'
import type { World } from '../world/world.ts'
import { Connections } from './connections.ts'
import type { Cors } from './cors.ts'
import { originHeaderIn } from './cors.ts'
import type { RawRefusal } from './envelope.ts'
import { rawRefusal, requestHeader } from './envelope.ts'
import { Exchange, exchangeOf } from './exchange.ts'
import type { OnOver } from './log.ts'
import { OneLinePerRequest } from './log.ts'
import type { Trust } from './proxies.ts'
import { unreadable } from './refusals.ts'
import { RequestTarget } from './request-target.ts'
import { unknownRoute, uploadPath } from './route.ts'
import { redactionFor } from './secrets.ts'
import { trialOn } from './trial.ts'
import { compileValidator } from './validation.ts'

export interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

interface HttpServerOptions {
  readonly logger: FastifyBaseLogger
  readonly tls: Tls | undefined
  /** Speaks where there is no request to ask. */
  readonly defaultWorld: () => World
  /** Whether paths and headers may name a world. */
  readonly hasWorlds: boolean
  /** Told of what was refused before it was a request. */
  readonly onUnreadable: (refused: Unreadable) => void
  /** The number that the entry of such will have; `undefined` where nothing is kept. */
  readonly numberUnreadable: () => number | undefined
  readonly cors: Cors
  /** Proxies that may say where a request came from, and where it was sent to. */
  readonly trust: Trust | undefined
  readonly onOver: OnOver
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
export function createHttpServer(wiring: HttpServerOptions): FastifyInstance {
  const { logger, hasWorlds, trust = false, onOver } = wiring
  const connections = new Connections()
  const dismiss = dismissal(wiring, connections)
  return fastify({
    loggerInstance: withoutNews(logger),
    trustProxy: trust,
    logController: new OneLinePerRequest(wiring.trust, onOver),
    childLoggerFactory: () => logger,
    genReqId: () => '',
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Judged by the contract (DEC-9); no path is longer than Node lets a head be.
    routerOptions: { maxParamLength: 16_384, querystringParser: () => ({}) },
    schemaController: { compilersFactory: compilers as object }, // whose type names what Fastify would load itself
    rewriteUrl: (raw) => arrive(raw, hasWorlds),
    serverFactory: (handler) => answerEverything(openServer(wiring, connections.follow(handler)), dismiss),
    clientErrorHandler(error, socket) {
      if (connections.isOver(socket) || connections.breakRequest(socket, error)) return
      // Of TLS, those of the transport are counted.
      const refusal = unreadable(error, wiring.tls ? 0 : socket.bytesRead)
      // Browsers open connections ahead. Where none was used, nobody asked for anything, and there is nothing to tell of.
      if (socket.bytesRead === 0) connections.dismiss(socket, rawRefusal(wiring.defaultWorld(), refusal).answer)
      else dismiss(socket, refusal, { ...nothing, origin: originHeaderIn(error.rawPacket) })
    },
  })
}

/** For Fastify itself, which would say that it listens: whoever starts it says where, and more. */
const withoutNews = (logger: FastifyBaseLogger): FastifyBaseLogger =>
  Object.create(logger, { info: { value: () => undefined } })

/** Why a connection ended before there was one that requests can come over. */
function wordHandshake(error: Error): string {
  const code = String(Object(error).code)
  if (code === 'ERR_SSL_HTTP_REQUEST') return 'plain HTTP came to a port that speaks HTTPS; say https://'
  if (code === 'ECONNRESET') return 'the connection broke off before the TLS handshake was done'
  return `the TLS handshake failed (${code})`
}

/** Instead of Fastify's own, which take a fifth of the start to load. */
const compilers = {
  buildValidator: () => compileValidator,
  /* c8 ignore next -- no route has schemas of answers */
  buildSerializer: () => () => JSON.stringify,
}

/** Reads the head of a request. Returns the path under which Fastify knows what it is for. */
function arrive(raw: IncomingMessage, hasWorlds: boolean): string {
  const exchange = new Exchange(raw, hasWorlds)
  raw[exchangeOf] = exchange
  return exchange.route.dispatch
}

function openServer({ tls, logger, limits = {} }: HttpServerOptions, listener: RequestListener): Server {
  const { maxConnections, ...options } = { ...usualLimits, ...limits }
  const server = tls ? createTlsServer({ ...options, ...tls }, listener) : createServer(options, listener)
  server.maxConnections = maxConnections
  server.maxHeadersCount = 0 // their size is bounded; Node's own number would drop some, or refuse them for that size
  server.on('tlsClientError', (error) => logger.info({ reason: wordHandshake(error) }, 'no TLS connection'))
  server.on('drop', () => logger.warn({ maxConnections }, 'closed a connection: there are too many'))
  return server
}

type Dismiss = (socket: Socket, refusal: Refusal, request: Glimpse) => void

/** As much as was read of what is no request. */
interface Glimpse {
  readonly origin: string | undefined
  readonly method: string
  readonly path: string
}

/** What was refused before there was a request that Fastify knows, and with what. */
export interface Unreadable extends RawRefusal, Glimpse {
  readonly socket: Socket
  /** The number of its entry. */
  readonly entry: number | undefined
}

/** Of what cannot be read nothing is kept: it may hold secrets anywhere. */
const nothing = { method: '', path: '' } as const

/** Answers and logs where there is a connection but no request that Fastify knows. */
function dismissal(
  { logger, defaultWorld, onUnreadable, numberUnreadable, cors }: HttpServerOptions,
  connections: Connections,
): Dismiss {
  return (socket, refusal, request) => {
    const trial = trialOn(socket)
    const entry = trial ? undefined : numberUnreadable()
    const numbered = entry === undefined ? {} : { [requestHeader]: String(entry) }
    const raw = rawRefusal(defaultWorld(), refusal, { ...cors.headersFor(request.origin), ...numbered })
    const { status, code, reason, answer } = raw
    const { method, path } = request
    // What follows a request that is being answered is not what was asked about.
    if (trial && !connections.hasRequest(socket)) {
      trial.conclude({
        isAccepted: false,
        refusal,
        check: 'syntax',
        part: null,
        operation: null,
        code,
        reason,
        answer: '',
      })
    }
    if (!trial) {
      const line = { ...(method && { method, path }), status, code, reason, request: entry }
      logger.info(line, 'refused before it was a request')
      onUnreadable({ ...raw, ...request, socket, entry })
    }
    connections.dismiss(socket, answer)
  }
}

/** Whether it may be a part of an upload, whose bytes are asked for once it is sure that they will be taken (DEC-41). */
const isPart = ({ method, url = '' }: IncomingMessage): boolean => method === 'PUT' && url.includes(`${uploadPath}/`)

/** `Expect` and `CONNECT` are not part of this API, yet no client is left without an answer in its own form. */
function answerEverything(server: Server, dismiss: Dismiss): Server {
  server.on('checkContinue', (request, response) => {
    if (!isPart(request)) response.writeContinue()
    server.emit('request', request, response)
  })
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('connect', ({ url = '', headers, rawHeaders }: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined) // Node has let go of it, and listens no more
    const target = new RequestTarget(url)
    const path = redactionFor(rawHeaders).text(target.path)
    dismiss(socket, unknownRoute('CONNECT', target.segments), { method: 'CONNECT', path, origin: headers.origin })
  })
  return server
}
