import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { Server as NetServer } from 'node:net'
import type { MessagePort } from 'node:worker_threads'
import { MessageChannel } from 'node:worker_threads'
import type { FastifyInstance } from 'fastify'
import { after, wait } from './real-time.ts'

/** How soon a connection is closed then, once it has answered what was in flight. */
const sweepMillis = 20

/** How long a connection that just came may take to bring its request. */
const newcomerMillis = 250

/** How long those that were cut may take to be gone. */
const leaveMillis = 400

/** `closeAllConnections` would not do: it does not know those whose TLS handshake never ended. */
export function openConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return connections
}

interface Patience {
  /** How long requests are still taken, in milliseconds. */
  readonly drain: number
  /** How long those in flight may take then. */
  readonly grace: number
}

/**
 * Ends a server: goes on answering for a while, then accepts nothing more, lets what is in flight finish, and cuts what takes
 * too long.
 *
 * @param doors what listens beside the server and hands its connections on to it
 */
export async function end(
  server: FastifyInstance,
  doors: ReadonlySet<Server>,
  connections: ReadonlySet<Socket>,
  patience: Patience,
): Promise<void> {
  const hold = stayAlive()
  const drained = patience.drain > 0 ? await drain(server, patience.drain) : undefined
  await shutDown(server, doors, connections, patience.grace, drained?.quiet)
  hold.close()
}

/** Keeps the process alive: once nothing listens and no connection is left, nothing else may, and the end is yet to come. */
function stayAlive(): MessagePort {
  const { port1 } = new MessageChannel()
  return port1.on('message', () => undefined)
}

interface Drained {
  /** Resolves once no connection is left. */
  readonly quiet: Promise<void>
}

/**
 * Goes on answering for a while, and asks each client to come again over another connection: whoever watches readiness sends
 * nothing more by then, and no request meets a connection that is just being closed. Who has connected by the end and sent
 * nothing yet may still do so.
 */
async function drain({ server }: FastifyInstance, millis: number): Promise<Drained> {
  const newcomers = new Set<Socket>()
  server.on('connection', (socket: Socket) => newcomers.add(socket.once('close', () => newcomers.delete(socket))))
  server.prependListener('request', ({ socket }, response) => {
    newcomers.delete(socket)
    response.shouldKeepAlive = false
  })
  await wait(millis)
  // Not the server's own method, which closes what is idle as well, and with it those who have only just come.
  const quiet = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
  for (let waited = 0; newcomers.size > 0 && waited < newcomerMillis; waited += sweepMillis) await wait(sweepMillis)
  return { quiet }
}

async function shutDown(
  server: FastifyInstance,
  doors: ReadonlySet<Server>,
  connections: ReadonlySet<Socket>,
  graceMillis: number,
  quiet: Promise<void> | undefined,
): Promise<void> {
  let isOver = false
  const sweep = () => {
    if (isOver) return
    server.server.closeIdleConnections()
    after(sweepMillis, sweep)
  }
  const cut = () => {
    for (const socket of connections) socket.destroy()
  }
  const spareThem = after(graceMillis, cut)
  const closed = [...doors].map((door) => once(door.close(), 'close'))
  const all = Promise.all([server.close(), quiet, ...closed])
  sweep()
  // Not for ever: a test may have put a fake in the place of what Node needs to tell that a connection is closed.
  await Promise.race([all, wait(graceMillis + leaveMillis)])
  if (server.server.listening) server.server.close() // Fastify has not come to it then
  isOver = true
  spareThem()
}
