import { buildApp, lossOf } from './app.ts'
import { listen } from './commands/listen.ts'
import { goDown } from './commands/outage.ts'
import { Problem } from './control/problem.ts'
import { ofAllWorlds, openWorld } from './embedding/handle.ts'
import type { Emulator, EmulatorOptions } from './embedding/types.ts'
import { openLog } from './process/log-destination.ts'
import { realClock } from './process/real-time.ts'
import type { SettingTexts } from './settings/settings.ts'
import { definitions, resolveSettings, SettingsError } from './settings/settings.ts'

const defaults = { port: 0, db: ':memory:', logLevel: 'silent', logFormat: 'json' } as const

/**
 * Starts an emulator in this process: on a free port, in memory and silent unless told otherwise.
 *
 * @throws SettingsError for an option that cannot be taken, StartupError where it cannot start
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = resolveSettings({ ...asTexts(defaults), ...asTexts(options) })
  const wallClock = realClock()
  const { logger, reachedAt, end } = await openLog(settings, wallClock)
  const app = await buildApp(settings, { logger, wallClock })
  const url = await listen(app, settings)
  reachedAt(settings.publicUrl ?? url)
  let isClosed = false
  let isDown = false
  const home = { plane: app.plane, base: settings.publicUrl ?? url, isClosed: () => isClosed }
  return {
    url,
    world: (name, own) => openWorld(home, name, own),
    async down(ms) {
      requireSpan(ms)
      if (isClosed) throw new Problem(503, 'the emulator is closed; start another one')
      if (isDown) throw new Problem(409, 'the emulator is down already; wait for that to end')
      isDown = true
      try {
        await goDown(app, ms, () => isClosed)
      } finally {
        isDown = false
      }
    },
    ...ofAllWorlds(home),
    async close() {
      isClosed = true
      const loss = lossOf(await app.close())
      await end()
      if (loss !== undefined) throw new Problem(500, loss)
    },
  }
}

const longestOutage = 3_600_000

function requireSpan(ms: number): void {
  if (!Number.isInteger(ms) || ms < 1 || ms > longestOutage)
    throw new Problem(400, `ms is ${String(ms)}; expected a whole number from 1 to ${longestOutage}`)
}

function asTexts(options: EmulatorOptions): SettingTexts {
  if (typeof options !== 'object' || options === null)
    throw new SettingsError(`startEmulator takes an object of options, not ${kindOf(options)}`)
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(definitions, name))
  if (unknown !== undefined) throw new SettingsError(`startEmulator has no option ${unknown}`)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, asText(name, value)]))
}

/** Of anything else the text would be taken, and `null` is a name for a file. */
function asText(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw new SettingsError(`startEmulator takes a text or a number as ${name}, not ${kindOf(value)}`)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export type { ClockHandle, Emulator, EmulatorOptions, FaultsHandle, PastWorld, WorldHandle } from './embedding/types.ts'
export { StartupError } from './process/startup-error.ts'
export { SettingsError } from './settings/settings.ts'
export { Problem }
