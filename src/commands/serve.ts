import type { App } from '../app.ts'
import { buildApp } from '../app.ts'
import { createLogger, logFormat } from '../log-destination.ts'
import type { Settings } from '../settings.ts'
import { readTexts, resolveSettings } from '../settings.ts'
import { messageOf, StartupError } from '../startup-error.ts'
import { greeting } from './greeting.ts'

/**
 * Serves until told to stop.
 *
 * @returns the exit status, 0 after `SIGTERM` or `SIGINT`
 * @throws SettingsError, StartupError before anything listens
 */
export async function serve(args: readonly string[]): Promise<number> {
  const settings = resolveSettings(readTexts(args, process.env))
  const logger = await createLogger(settings)
  const app = await buildApp(settings, { logger, wallClock: Date.now })
  const stop = nextSignal()
  const url = await listen(app, settings)
  announce(url, app, settings)
  logger.info(`${await stop} received, stopping`)
  await app.close()
  logger.info('stopped')
  return 0
}

/** Further ones change nothing: Ctrl-C under `npm start` arrives twice, from the terminal and from npm. */
const nextSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.on('SIGTERM', resolve)
    process.on('SIGINT', resolve)
  })

/**
 * Opens the port.
 *
 * @returns the base address under which this machine reaches it
 * @throws StartupError, with the database closed again
 */
export async function listen(app: App, { host, port, tlsCert }: Settings): Promise<string> {
  try {
    // Fastify would say http of TLS, too.
    await app.server.listen({ host, port, listenTextResolver: () => 'accepting connections' })
  } catch (error) {
    await app.close()
    throw new StartupError(wordListenError(error, host, port))
  }
  const address = app.server.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${tlsCert ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${bound}`
}

function wordListenError(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is in use; stop what listens there or name another with --port`
  if (code === 'EACCES') return `port ${port} may not be opened by this user; name one above 1023 with --port`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine; name another with --host`
  return `cannot listen on ${host}:${port}: ${messageOf(error)}`
}

/** For people, in plain text; where the log is for machines, beside it on standard error. */
function announce(url: string, app: App, settings: Settings): void {
  const { auth, devices, errorStatus, durability, db } = settings
  const seeded = app.worlds.main.seeded ? `seeded (${settings.seed})` : 'continued, its own seed kept'
  app.server.log.info({ url, database: db, seeded, auth, devices, errorStatus, durability }, 'listening')
  const stream = logFormat(settings) === 'pretty' ? process.stdout : process.stderr
  if (settings.logLevel !== 'silent') stream.write(greeting(url, app.worlds.main, settings))
}
