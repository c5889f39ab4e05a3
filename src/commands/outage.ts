import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import type { App } from '../app.ts'
import { waitAwake } from '../process/real-time.ts'
import { messageOf, StartupError } from '../process/startup-error.ts'

/** How often, and how long between, a port is tried again that somebody else took meanwhile. */
const attempts = 40
const pauseMillis = 25

/**
 * Closes what an app listens on and cuts its connections, and listens at the same places again later.
 *
 * @param isOver says that it is not to listen again
 * @throws StartupError where a port is no longer free
 */
export async function goDown(app: App, millis: number, isOver: () => boolean): Promise<void> {
  const listeners: Server[] = [app.server.server, ...app.doors]
  const places = listeners.map((one) => ({ one, place: one.address() as AddressInfo })) // of TCP, all of them
  const closed = listeners.map((one) => once(one.close(), 'close'))
  for (const socket of app.connections) socket.destroy()
  await Promise.all(closed)
  await waitAwake(millis)
  for (const { one, place } of places) if (!isOver()) await listenAgain(one, place)
}

async function listenAgain(server: Server, place: AddressInfo, left = attempts): Promise<void> {
  const { address: host, port, family } = place
  try {
    await once(server.listen({ host, port, ipv6Only: family === 'IPv6' && host !== '::' }), 'listening')
  } catch (error) {
    if (left === 0) throw new StartupError(`port ${port} cannot be opened again: ${messageOf(error)}`)
    await waitAwake(pauseMillis)
    await listenAgain(server, place, left - 1)
  }
}
