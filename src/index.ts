import { pino } from 'pino'
import type { WorldRequest } from '../schemas/control.ts'
import { buildApp } from './app.ts'
import { listen } from './commands/serve.ts'
import type { WorldHandle } from './handle.ts'
import { checkWorldRequest, handleOf } from './handle.ts'
import type { SettingName, SettingTexts } from './settings.ts'
import { definitions, resolveSettings, SettingsError } from './settings.ts'

/** The flags of the command line in camelCase; `scopesPerModule: 5`, `cors: '*'`. */
export type EmulatorOptions = { readonly [Name in SettingName]?: string | number }

export interface Emulator {
  /** The base address, without the API's base path: `http://127.0.0.1:40123`. */
  readonly url: string
  /**
   * A world of this emulator, made if it is not there.
   *
   * @param settings start it anew with these
   */
  world(name: string, settings?: WorldRequest): WorldHandle
  /** Stops accepting, lets what is in flight finish, then closes the database. */
  close(): Promise<void>
}

const defaults = { port: 0, db: ':memory:', logLevel: 'silent', logFormat: 'json' } as const

/**
 * Starts an emulator in this process: on a free port, in memory and silent unless told otherwise.
 *
 * @throws SettingsError for an option that cannot be taken, StartupError where it cannot start
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = resolveSettings(asTexts({ ...defaults, ...options }))
  const logger = pino({ level: settings.logLevel, base: null })
  const app = await buildApp(settings, { logger, wallClock: Date.now })
  const url = await listen(app, settings)
  return {
    url,
    world(name, own) {
      if (own === undefined) app.dials.ensure(name)
      else app.dials.begin(name, checkWorldRequest(own))
      return handleOf(name, settings.publicUrl ?? url, app.dials, app.explain)
    },
    close: () => app.close(),
  }
}

function asTexts(options: EmulatorOptions): SettingTexts {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(definitions, name))
  if (unknown !== undefined) throw new SettingsError(`startEmulator has no option ${unknown}`)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

export { Problem } from './control/problem.ts'
export type { ClockHandle, WorldHandle } from './handle.ts'
export { SettingsError } from './settings.ts'
export { StartupError } from './startup-error.ts'
