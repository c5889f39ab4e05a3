import type { App } from '../app.ts'
import { buildApp, lossOf } from '../app.ts'
import { endWith } from '../process/ending.ts'
import { openLog } from '../process/log-destination.ts'
import { npmCall } from '../process/npm-script.ts'
import { parentEnded } from '../process/parent.ts'
import { unwrittenExit } from '../process/unwritten.ts'
import type { Settings } from '../settings/settings.ts'
import { readTexts, remarksOn, resolveSettings } from '../settings/settings.ts'
import { greeting } from './greeting.ts'
import { listen } from './listen.ts'

/** What asks this process to end; heard from its first line on, in src/main.js. */
export interface StopSignals {
  /** The first one. Further ones change nothing: Ctrl-C under `npm start` arrives twice, from the terminal and from npm. */
  readonly first: Promise<NodeJS.Signals>
  /** The id of the process that started this one. */
  readonly parent: number
  /** Obeys one that came, and leaves others to the system again, for commands that have nothing to put in order. */
  release(): Promise<void>
}

/**
 * Serves until told to stop; the process ends soon after that, whatever is left of it.
 *
 * @returns the exit status: 0, unless worlds could not be kept that should be
 * @throws SettingsError, StartupError before anything listens
 */
export async function serve(args: readonly string[], signals: Omit<StopSignals, 'release'>): Promise<number> {
  const settings = resolveSettings(readTexts(args, process.env))
  const { logger, announce, reachedAt, end } = await openLog(settings, Date.now)
  for (const remark of remarksOn(process.env)) logger.warn(remark)
  const app = await buildApp(settings, { logger, wallClock: Date.now })
  const url = await listen(app, settings)
  reachedAt(settings.publicUrl ?? url)
  announce(summaryOf(url, app, settings), greeting(url, app.worlds.main, settings))
  logger.info(`${await whyToStop(signals)}, stopping`)
  const loss = lossOf(await app.close())
  logger.info('stopped')
  await end()
  if (loss !== undefined) process.stderr.write(`koodrive-backup-emulator: ${loss}\n`)
  const status = loss === undefined ? 0 : unwrittenExit.status
  endWith(status)
  return status
}

async function whyToStop({ first, parent }: Omit<StopSignals, 'release'>): Promise<string> {
  const told = first.then((signal) => `${signal} received`)
  if (npmCall(process.env) === undefined) return told
  return Promise.race([told, parentEnded(parent).then(() => 'npm has ended')])
}

function summaryOf(url: string, { worlds }: App, { durability, db, seed, open }: Settings) {
  const { auth, devices, errorStatus } = worlds.main.settings
  const kept = open === undefined ? 'continued, its own seed kept' : `opened (${open})`
  const seeded = worlds.main.seeded ? `seeded (${seed})` : kept
  return { url, database: db, seeded, auth, devices, errorStatus, durability }
}
