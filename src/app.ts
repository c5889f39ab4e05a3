import { readFileSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { controlPath } from '../schemas/control.ts'
import { serveControl } from './control/control.ts'
import { Dials } from './control/dials.ts'
import type { Explain } from './control/explain.ts'
import { Problem, sendProblem } from './control/problem.ts'
import { bindAll, serveApi } from './http/api.ts'
import type { Surroundings } from './http/bind.ts'
import { allowCors } from './http/cors.ts'
import { sendRefusal } from './http/envelope.ts'
import { explainerOf } from './http/explain.ts'
import type { Limits, Tls, Wiring } from './http/server.ts'
import { createHttpServer } from './http/server.ts'
import { baseAddress } from './http/target.ts'
import { nameIfAny, tooManyWorlds, withoutWorld, worldNameOf, worldUrl } from './http/world-name.ts'
import { interceptExchanges } from './intercept/faults.ts'
import { recordExchanges } from './intercept/recorder.ts'
import { interceptRules } from './intercept/rules.ts'
import { rules } from './operations/index.ts'
import { version } from './package.ts'
import { readProfile } from './profile.ts'
import { readSeed } from './seed.ts'
import type { Settings } from './settings.ts'
import { messageOf, StartupError } from './startup-error.ts'
import { DatabaseUnusable, openDatabase } from './store/database.ts'
import type { Store } from './store/store.ts'
import { createStore } from './store/store.ts'
import type { World } from './world/world.ts'
import { withoutOutside } from './world/world.ts'
import { Worlds } from './world/worlds.ts'

export interface App {
  readonly server: FastifyInstance
  readonly worlds: Worlds
  readonly dials: Dials
  readonly explain: Explain
  /** Stops accepting, lets what is in flight finish, then closes the databases. */
  close(): Promise<void>
}

/** What the outside gives: where the log goes, and what time it is. */
export interface Outside {
  readonly logger: FastifyBaseLogger
  readonly wallClock: () => number
  /** Of Node's HTTP server, in place of the usual ones. */
  readonly limits?: Limits
}

/** DEC-31: the worker of the documented ids, and the seed of the generator. */
const defaultIds = { worker: 527, random: 1 } as const

/** How long requests in flight may take once the emulator is told to stop. */
const graceMillis = 1500

/** How soon a connection is closed then, once it has answered what was in flight. */
const sweepMillis = 20

/**
 * The whole emulator, ready to listen.
 *
 * @throws StartupError for a seed, profile, certificate or database that cannot be used
 */
export async function buildApp(settings: Settings, { logger, wallClock, limits }: Outside): Promise<App> {
  const tls = readTls(settings)
  const worlds = openWorlds(settings, wallClock)
  const dials = new Dials(worlds, () => readSeed('bundled'))
  const surroundings = surroundingsOf(worlds, settings)
  const withoutPrefix = settings.control === 'on' ? withoutWorld : (url: string) => url
  const refuseTarget = refuserOf(surroundings)
  const wiring = { logger, tls, defaultWorld: () => worlds.main, refuseTarget, withoutWorld: withoutPrefix, limits }
  const server = createHttpServer(wiring)
  const connections = openConnections(server.server)
  if (settings.cors !== false) await allowCors(server, settings.cors)
  if (settings.control === 'on') {
    const worldIfAny = (request: FastifyRequest) => worlds.find(nameIfAny(request) ?? '')
    interceptExchanges(server, worldIfAny)
    recordExchanges(server, worldIfAny)
  }
  const operations = bindAll(settings.control === 'on' ? interceptRules(rules) : rules)
  serveApi(server, operations, surroundings)
  const baseOf = (request: FastifyRequest) => baseAddress(settings.publicUrl, request)
  const explained = explainerOf(operations)
  const explain: Explain = (world, question) => explained(withoutOutside(world), question)
  const panel = { dials, baseOf, explain, allowedHosts: settings.allowHost }
  serveControl(server, version, settings.control === 'on' ? panel : undefined)
  await server.ready()
  return { server, worlds, dials, explain, close: () => shutDown(server, connections, worlds) }
}

function openWorlds(settings: Settings, wallClock: () => number): Worlds {
  const seed = { choice: settings.seed, document: readSeed(settings.seed) }
  const errors = readProfile(settings.profile)
  const isFile = settings.db !== ':memory:'
  const location = isFile ? resolve(settings.db) : settings.db
  let store: Store | undefined
  try {
    store = createStore(openDatabase(location, settings.durability))
    const { auth, devices, errorStatus, scopesPerModule } = settings
    const own = { auth, devices, errorStatus, scopesPerModule, ...defaultIds, unkind: null }
    const bounds = { limit: settings.maxWorlds, idleMillis: settings.worldIdle }
    return new Worlds({ settings: own, seed, errors, wallClock, store, isFile, ...bounds })
  } catch (error) {
    store?.close()
    if (error instanceof DatabaseUnusable) throw new StartupError(error.message)
    throw new StartupError(`the database ${location} cannot be used: ${messageOf(error)}`)
  }
}

/** Which world a request is about; without a control plane, there is only the default one. */
function surroundingsOf(worlds: Worlds, { control, publicUrl }: Settings): Surroundings {
  const addressOf = (world: World, request: FastifyRequest) => worldUrl(baseAddress(publicUrl, request), world.name)
  if (control === 'off') return { worldOf: () => worlds.main, speakerOf: () => worlds.main, addressOf }
  return {
    worldOf(request) {
      const name = worldNameOf(request)
      if (worlds.isFull(name)) throw tooManyWorlds(worlds.limit)
      return worlds.use(name)
    },
    speakerOf(request) {
      const name = nameIfAny(request)
      return (name && worlds.find(name)) || worlds.main
    },
    addressOf,
  }
}

/** A path that cannot be decoded is answered in the form of the side that it was meant for. */
const refuserOf =
  ({ speakerOf }: Surroundings): Wiring['refuseTarget'] =>
  (request, reply, refusal) => {
    if (request.url.startsWith(`${controlPath}/`)) sendProblem(reply, new Problem(400, refusal.reason))
    else sendRefusal(reply, speakerOf(request), refusal)
  }

function readTls({ tlsCert, tlsKey }: Settings): Tls | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  try {
    const tls = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
    createSecureContext(tls)
    return tls
  } catch (error) {
    throw new StartupError(`the TLS certificate and key cannot be used: ${messageOf(error)}`)
  }
}

/** `closeAllConnections` would not do: it does not know those whose TLS handshake never ended. */
function openConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return connections
}

async function shutDown(server: FastifyInstance, connections: ReadonlySet<Socket>, worlds: Worlds): Promise<void> {
  const cut = setTimeout(() => {
    for (const socket of connections) socket.destroy()
  }, graceMillis)
  const sweep = setInterval(() => server.server.closeIdleConnections(), sweepMillis)
  await server.close()
  clearTimeout(cut)
  clearInterval(sweep)
  worlds.close()
}
