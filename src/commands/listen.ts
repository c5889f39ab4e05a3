import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, isIPv6 } from 'node:net'
import type { App } from '../app.ts'
import { codeOf } from '../http/refusals.ts'
import { messageOf, StartupError } from '../process/startup-error.ts'
import type { Settings } from '../settings/settings.ts'

/** What clients take `localhost` for; the one or the other may be missing. */
const localAddresses = ['127.0.0.1', '::1'] as const

const isLocalhost = (host: string): boolean => /^localhost\.?$/i.test(host)

/**
 * The base address under which this machine reaches a server on a host and port.
 *
 * @param host as `--host` takes it; one that stands for every address of the machine is reached at its loopback address
 */
export function addressOf({ host, port, tlsCert }: Pick<Settings, 'host' | 'port' | 'tlsCert'>): string {
  const name = isIPv6(host) && /^[0:]+$/.test(host) ? '::1' : /^0(\.0)*$/.test(host) ? '127.0.0.1' : host
  return `${tlsCert ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/**
 * Opens the port.
 *
 * @returns the base address under which this machine reaches it
 * @throws StartupError, with the database closed again, and gone where it was made for this start
 */
export async function listen(app: App, settings: Settings): Promise<string> {
  const { host, port } = settings
  try {
    await (isLocalhost(host) ? bindBoth(app, localAddresses, port) : bind(app, host, port))
  } catch (error) {
    await app.abandon()
    throw new StartupError(wordListenError(error, host, port))
  }
  const address = app.server.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return addressOf({ ...settings, port: bound })
}

const bind = ({ server }: App, host: string, port: number) => server.listen({ host, port })

/**
 * Binds two addresses to one port. What comes to the second is handed on to the server of the first.
 *
 * @param port 0 for one that is free at both
 */
export async function bindBoth(app: App, [first, second]: readonly [string, string], port: number): Promise<void> {
  const door = await openDoor(app, second, port)
  try {
    await bind(app, first, door === undefined ? port : (door.address() as AddressInfo).port) // it listens on one
    if (door) app.doors.add(door)
  } catch (error) {
    if (door === undefined) throw error
    await once(door.close(), 'close')
    if (isMissing(error)) await bind(app, second, port)
    else if (port === 0 && codeOf(error) === 'EADDRINUSE') await bindBoth(app, [first, second], port)
    else throw error
  }
}

/** `undefined` where the machine has no such address. */
async function openDoor({ server: { server } }: App, host: string, port: number) {
  const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    server.emit('connection', socket) // which Node documents for this
  })
  door.maxConnections = server.maxConnections
  door.on('drop', (data) => server.emit('drop', data))
  try {
    await once(door.listen({ host, port, ipv6Only: true }), 'listening')
    return door
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const isMissing = (error: unknown): boolean => /^(EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(codeOf(error))

function wordListenError(error: unknown, host: string, port: number): string {
  const code = codeOf(error)
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is in use; stop what listens there or name another with --port`
  if (code === 'EACCES') return `port ${port} may not be opened by this user; name one above 1023 with --port`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine; name another with --host`
  return `cannot listen on ${host}:${port}: ${messageOf(error)}`
}
