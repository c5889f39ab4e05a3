import { readFileSync } from 'node:fs'
import type { ServerOptions } from 'node:http'
import type { Server, Socket } from 'node:net'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { serveControl } from './control/control.ts'
import { serveApi } from './http/api.ts'
import { allowCors } from './http/cors.ts'
import type { Tls } from './http/server.ts'
import { createHttpServer } from './http/server.ts'
import { uploadUrl } from './http/upload.ts'
import { rules } from './operations/index.ts'
import { version } from './package.ts'
import { readProfile } from './profile.ts'
import { readSeed } from './seed.ts'
import type { Settings } from './settings.ts'
import { messageOf, StartupError } from './startup-error.ts'
import { DatabaseUnusable, openDatabase } from './store/database.ts'
import type { Store } from './store/store.ts'
import { createStore } from './store/store.ts'
import { createClock } from './world/clock.ts'
import type { World } from './world/world.ts'
import { createWorld } from './world/world.ts'

export interface App {
  readonly server: FastifyInstance
  readonly world: World
  /** Stops accepting, lets what is in flight finish, then closes the database. */
  close(): Promise<void>
}

/** What the outside gives: where the log goes, and what time it is. */
export interface Surroundings {
  readonly logger: FastifyBaseLogger
  readonly wallClock: () => number
  /** Of Node's HTTP server, in place of the usual ones. */
  readonly limits?: ServerOptions
}

/** DEC-31: the worker of the documented ids. */
const defaultWorker = 527
const defaultRandomSeed = 1

/** How long requests in flight may take once the emulator is told to stop. */
const graceMillis = 1500

/** How soon a connection is closed then, once it has answered what was in flight. */
const sweepMillis = 20

/**
 * The whole emulator, ready to listen.
 *
 * @throws StartupError for a seed, profile, certificate or database that cannot be used
 */
export async function buildApp(settings: Settings, { logger, wallClock, limits }: Surroundings): Promise<App> {
  const tls = readTls(settings)
  const world = openWorld(settings, wallClock)
  const worldOf = () => world
  const server = createHttpServer({ logger, tls, defaultWorld: worldOf, worldOf, limits })
  const connections = openConnections(server.server)
  if (settings.cors !== false) await allowCors(server, settings.cors)
  serveApi(server, rules, { worldOf, uploadUrl: (_world, ...part) => uploadUrl(settings.publicUrl, ...part) })
  serveControl(server, version)
  await server.ready()
  return { server, world, close: () => shutDown(server, connections, world) }
}

function openWorld(settings: Settings, wallClock: () => number): World {
  const seed = readSeed(settings.seed)
  const errors = readProfile(settings.profile)
  const location = settings.db === ':memory:' ? settings.db : resolve(settings.db)
  let store: Store | undefined
  try {
    store = createStore(openDatabase(location, settings.durability))
    const clock = createClock(wallClock)
    return createWorld({
      name: 'default',
      settings,
      errors,
      store,
      clock,
      seed,
      worker: defaultWorker,
      randomSeed: defaultRandomSeed,
    })
  } catch (error) {
    store?.close()
    if (error instanceof DatabaseUnusable) throw new StartupError(error.message)
    throw new StartupError(`the database ${location} cannot be used: ${messageOf(error)}`)
  }
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

async function shutDown(server: FastifyInstance, connections: ReadonlySet<Socket>, world: World): Promise<void> {
  const cut = setTimeout(() => {
    for (const socket of connections) socket.destroy()
  }, graceMillis)
  const sweep = setInterval(() => server.server.closeIdleConnections(), sweepMillis)
  await server.close()
  clearTimeout(cut)
  clearInterval(sweep)
  world.store.close()
}
