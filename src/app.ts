import type { Server, Socket } from 'node:net'
import type { PassThrough } from 'node:stream'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { serveControl } from './control/control.ts'
import { ControlPlane } from './control/plane.ts'
import { anotherClientOf } from './http/another-client.ts'
import { bindAll, serveApi } from './http/api.ts'
import type { WorldAccess } from './http/bind.ts'
import { Cors } from './http/cors.ts'
import { reasonHeader, requestHeader } from './http/envelope.ts'
import type { Exchange } from './http/exchange.ts'
import { explainerOf } from './http/explain.ts'
import type { BoundOperation } from './http/operation.ts'
import { overOf } from './http/over.ts'
import { trustIn } from './http/proxies.ts'
import { resenderOf } from './http/replay.ts'
import type { Limits } from './http/server.ts'
import { createHttpServer } from './http/server.ts'
import { absent, worldUrl } from './http/world-name.ts'
import { faultHeader, interceptExchanges } from './intercept/fault-injection.ts'
import { interceptRules } from './intercept/rules.ts'
import { Recorder } from './journal/recorder.ts'
import { Meter } from './metrics/meter.ts'
import { metricsOf } from './metrics/metrics.ts'
import { openArchive } from './opening/archive.ts'
import { readTls } from './opening/tls.ts'
import { openWorlds } from './opening/worlds.ts'
import { rules } from './operations/index.ts'
import { version } from './process/package.ts'
import { end, openConnections } from './process/shut-down.ts'
import { readSeed } from './settings/seed-file.ts'
import type { Settings } from './settings/settings.ts'
import { tokensOf } from './settings/token-file.ts'
import type { World } from './world/world.ts'
import type { Worlds } from './world/worlds.ts'

export interface App {
  readonly server: FastifyInstance
  /** What listens beside the server and hands its connections on to it. */
  readonly doors: Set<Server>
  /** Those that are open. */
  readonly connections: ReadonlySet<Socket>
  readonly worlds: Worlds
  readonly plane: ControlPlane
  /** Stops accepting, lets what is in flight finish, then closes the databases. Answers what `lossOf` puts into words. */
  close(): Promise<readonly string[]>
  /** The same, where it never came to serve: a database that was made for it goes, too. */
  abandon(): Promise<void>
}

/** What an app is made with: where the log goes, and what time it is. */
export interface AppOptions {
  readonly logger: FastifyBaseLogger
  readonly wallClock: () => number
  /** Of Node's HTTP server, in place of the usual ones. */
  readonly limits?: Limits
}

/** DEC-31: the worker of the documented ids, and the seed of the generator. */
const defaultIds = { worker: 527, random: 1 } as const

/**
 * The whole emulator, ready to listen.
 *
 * @throws StartupError for a seed, profile, certificate or database that cannot be used
 */
export async function buildApp(settings: Settings, { logger, wallClock, limits }: AppOptions): Promise<App> {
  const tls = readTls(settings)
  const tokens = tokensOf(settings, (sentence) => logger.warn(sentence))
  const { worlds, closeWorlds, unmakeAll } = openWorlds(settings, defaultIds, wallClock, logger)
  const hasControl = settings.control === 'on'
  const baseOf = (request: FastifyRequest): string => settings.publicUrl ?? ownAddress(request)
  const access = accessTo(worlds, hasControl, baseOf)
  const recorder = new Recorder()
  const meter = new Meter()
  const cors = new Cors(settings.cors, reasonHeader, requestHeader, faultHeader)
  const server = createHttpServer({
    logger,
    tls,
    cors,
    hasWorlds: hasControl,
    defaultWorld: () => worlds.main,
    numberUnreadable: () => (hasControl ? worlds.main.journal.reserve() : undefined),
    onUnreadable(refused) {
      meter.count({ ...refused, operation: 'other', durationMs: 0, effects: [] })
      if (hasControl) recorder.keepUnreadable(worlds.main, refused)
    },
    trust: trustIn(settings.trustProxy),
    onOver: (exchange, reply) => meter.count(overOf(exchange, reply)),
    limits,
  })
  const connections = openConnections(server.server)
  const doors = new Set<Server>()
  await cors.allow(server)
  const operations = bindAll(hasControl ? interceptRules(rules) : rules)
  if (hasControl) follow(server, worlds, recorder, operations)
  serveApi(server, operations, access)
  let isReady = true
  const streams = new Set<PassThrough>()
  const measured = { meter, worlds, wallClock, isReady: () => isReady, connections, streams }
  const plane = new ControlPlane({
    worlds,
    version,
    streams,
    explain: explainerOf(server.server),
    resend: resenderOf(server.server),
    isProtected: tokens !== undefined,
    isReady: () => isReady,
    metrics: () => metricsOf(measured),
    readBundled: () => readSeed('bundled'),
  })
  if (settings.open !== undefined) openArchive(settings.open, plane, settings, unmakeAll)
  serveControl(server, plane, baseOf, hasControl ? { allowedHosts: settings.allowHost, tokens } : undefined)
  await server.ready()
  let closed: Promise<readonly string[]> | undefined
  const close = () => {
    isReady = false
    closed ??= end(server, doors, connections, settings).then(closeWorlds)
    return closed
  }
  return { server, doors, connections, worlds, plane, close, abandon: () => close().then(unmakeAll) }
}

/** What is to be said of worlds that should have been parked and could not be; nothing where all were. */
export const lossOf = (names: readonly string[]): string | undefined =>
  names.length === 0 ? undefined : `worlds that could not be parked are lost: ${names.join(', ')}; the log says why`

/** Makes faults happen, and keeps what became of requests. */
function follow(server: FastifyInstance, worlds: Worlds, recorder: Recorder, operations: BoundOperation[]): void {
  const worldIfAny = ({ worldName }: Exchange) => (typeof worldName === 'string' ? worlds.find(worldName) : undefined)
  interceptExchanges(server, worldIfAny, anotherClientOf(operations))
  recorder.follow(server, (exchange) => worldIfAny(exchange) ?? worlds.main)
}

/** The worlds for the emulated API; without a control plane, there is only the default one. */
function accessTo(worlds: Worlds, hasControl: boolean, baseOf: (request: FastifyRequest) => string): WorldAccess {
  return {
    get main() {
      return worlds.main
    },
    get newcomer() {
      return worlds.newcomer
    },
    find: hasControl ? (name) => worlds.find(name) : () => worlds.main,
    use: hasControl ? (name) => admitted(worlds, name) : () => worlds.main,
    absence(name) {
      const absence = worlds.absence(name)
      return absence && absent(absence)
    },
    addressOf: (name, request) => worldUrl(baseOf(request), name),
  }
}

/** The world of a request, for which another may have to go. @throws Refusal where none can */
function admitted(worlds: Worlds, name: string): World {
  const absence = worlds.admit(name, false)
  if (absence) throw absent(absence)
  return worlds.use(name)
}

/** Where a request was sent to; without a `Host` that is one, the address that its connection was made to. */
function ownAddress({ protocol, host, socket }: FastifyRequest): string {
  const { localAddress = '', localPort } = socket
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  const own = localPort === undefined ? 'localhost' : `${address}:${localPort}` // of a trial there is no port
  // A proxy hands on whatever its client said.
  const scheme = /^https?$/i.test(protocol) ? protocol.toLowerCase() : 'encrypted' in socket ? 'https' : 'http'
  return `${scheme}://${host && URL.canParse(`${scheme}://${host}`) ? host : own}`
}
