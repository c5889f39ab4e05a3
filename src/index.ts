import { pino } from 'pino'
import { buildApp } from './app.ts'
import { listen } from './commands/serve.ts'
import type { Emulator, EmulatorOptions } from './embedding.ts'
import { checkWorldRequest, handleOf } from './handle.ts'
import type { SettingTexts } from './settings.ts'
import { definitions, resolveSettings, SettingsError } from './settings.ts'

const defaults = { port: 0, db: ':memory:', logLevel: 'silent', logFormat: 'json' } as const

/**
 * Starts an emulator in this process: on a free port, in memory and silent unless told otherwise.
 *
 * @throws SettingsError for an option that cannot be taken, StartupError where it cannot start
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = resolveSettings({ ...asTexts(defaults), ...asTexts(options) })
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
export type { ClockHandle, Emulator, EmulatorOptions, FaultsHandle, WorldHandle } from './embedding.ts'
export { SettingsError } from './settings.ts'
export { StartupError } from './startup-error.ts'
