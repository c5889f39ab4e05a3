import { availableParallelism } from 'node:os'
import { besideDefaults } from '../cli/command-line.ts'
import { SettingsError } from '../src/index.ts'

/*
 * What every run of a gauntlet takes for granted: an emulator of its own, which begins anew, and a control plane.
 */

const mostJobs = 4

interface Premises {
  readonly control?: unknown
  readonly db?: unknown
  readonly park?: unknown
}

/** @throws SettingsError for settings with which no run could be what it has to be */
export function requireRunnable({ control, db, park }: Premises): void {
  if (control === 'off') throw new SettingsError('--control off leaves nothing to make go wrong; leave it on')
  if (db !== undefined && db !== ':memory:')
    throw new SettingsError('--db: every run begins anew, in memory; leave it out')
  if (park !== undefined)
    throw new SettingsError(
      '--park: every run begins anew, with no world of another one; leave it and its variable out',
    )
}

/**
 * How many runs there may be at a time: those on one port come one after another.
 *
 * @throws SettingsError where more are asked for
 */
export function jobsFor(asked: number | undefined, { port }: { readonly port?: unknown }): number {
  if (port === undefined || String(port) === besideDefaults.port)
    return asked ?? Math.min(mostJobs, availableParallelism())
  if (asked === undefined || asked === 1) return 1
  throw new SettingsError('--jobs: with --port, runs come one after another; leave it out')
}
