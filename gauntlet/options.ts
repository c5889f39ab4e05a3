import { besideDefaults, besideFlags, commandLine, readUser, requireDifferent } from '../cli/command-line.ts'
import type { Flags } from '../cli/flags.ts'
import { readFlags, wholeNumber } from '../cli/flags.ts'
import { UsageError } from '../cli/usage-error.ts'
import type { Template } from '../cli/variables.ts'
import { readTemplate } from '../cli/variables.ts'
import { settingFlags, settingsAmong } from '../src/settings/setting-flags.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import { resolveSettings } from '../src/settings/settings.ts'
import type { GauntletCourse } from './course.ts'
import type { Depth } from './depth.ts'
import { depths } from './depth.ts'
import { jobsFor, requireRunnable } from './premises.ts'

/** What the command line of `gauntlet` says, checked. */
export interface GauntletOptions extends GauntletCourse {
  readonly command: readonly string[]
  readonly settings: SettingTexts
  readonly user: string
  readonly templates: readonly Template[]
  /** Whether the plan is told, and nothing of it run. */
  readonly list: boolean
  readonly coverage: boolean
  readonly outputs: GauntletOutputs
}

/** Paths of files and of folders. */
export interface GauntletOutputs {
  readonly json?: string | undefined
  readonly junit?: string | undefined
  readonly markdown?: string | undefined
  readonly html?: string | undefined
  readonly har?: string | undefined
  readonly archive?: string | undefined
  readonly accept?: string | undefined
  readonly writeAccepted?: string | undefined
}

export const gauntletFlags = {
  depth: {
    takes: 'quick|usual|all',
    help: 'the first call of each operation, those that stand for others, or all (quick)',
  },
  only: {
    takes: 'ID',
    help: 'an adversity, such as createBackupLock#1:reset, or :reset, or createBackupLock#1; repeatable',
    isRepeatable: true,
  },
  skip: { takes: 'ID', help: 'likewise, what is not to be tried; repeatable', isRepeatable: true },
  pairs: { help: 'let also fail what the client does only because something went wrong' },
  strict: { help: 'let no client give up after one hiccup, and no accepted failure go unseen that is gone' },
  jobs: { takes: 'N', help: 'so many runs at a time (as many as there are cores, at most 4)' },
  'fail-fast': { help: 'begin no run after the first that goes wrong' },
  patience: { takes: 'SECONDS', help: 'how long a run may take (8 times as long as without mishap, at least 10)' },
  'most-calls': { takes: 'N', help: 'how often a run may call (6 times as often as without mishap, and 60)' },
  list: { help: 'tell what would be tried, with --json as JSON, and try nothing of it' },
  accept: { takes: 'FILE', help: 'failures that are known and no news' },
  'write-accepted': { takes: 'FILE', help: 'write what went wrong, to be accepted from then on; - is standard output' },
  json: { takes: 'FILE', help: 'write the whole report; - is standard output' },
  junit: { takes: 'FILE', help: 'write the report for a pipeline, a case for each adversity; - is standard output' },
  markdown: { takes: 'FILE', help: "write the report for a pipeline's summary; - is standard output" },
  html: { takes: 'FILE', help: 'write the report as one page; - is standard output' },
  har: { takes: 'FOLDER', help: 'write an HTTP archive of every run that goes wrong' },
  archive: { takes: 'FOLDER', help: 'write the worlds of every run that goes wrong, a file each' },
  coverage: { help: 'tell what of the contract was never met in all runs together' },
  ...besideFlags,
} as const satisfies Flags

/**
 * Options from flags and environment.
 *
 * @throws UsageError, SettingsError
 */
export function readGauntletOptions(args: readonly string[], environment: NodeJS.ProcessEnv): GauntletOptions {
  const { own, command } = commandLine('gauntlet', args)
  const given = readFlags({ ...settingFlags, ...gauntletFlags }, own)
  const settings = settingsIn(given, environment)
  const { json, junit, markdown, html, har, archive, accept } = given
  const outputs = { json, junit, markdown, html, har, archive, accept, writeAccepted: given['write-accepted'] }
  if (given.list) refuseIdle(given)
  // The two folders may be one.
  for (const folder of [har, archive]) requireDifferent([json, junit, markdown, html, outputs.writeAccepted, folder])
  return {
    command,
    settings,
    user: readUser(given.user),
    templates: (given.env ?? []).map(readTemplate),
    depth: depthOf(given.depth ?? 'quick'),
    only: given.only ?? [],
    skip: given.skip ?? [],
    pairs: 'pairs' in given,
    strict: 'strict' in given,
    jobs: jobsFor(given.jobs === undefined ? undefined : wholeNumber('jobs', given.jobs, 1, 64), settings),
    failFast: 'fail-fast' in given,
    patienceMillis:
      given.patience === undefined ? undefined : 1000 * wholeNumber('patience', given.patience, 1, 86_400),
    mostCalls:
      given['most-calls'] === undefined ? undefined : wholeNumber('most-calls', given['most-calls'], 1, 1_000_000),
    withHar: har !== undefined,
    withWorlds: archive !== undefined,
    list: 'list' in given,
    coverage: 'coverage' in given,
    outputs,
  }
}

/** Flags of what is told, and kept, of runs. */
const toldOfRuns = ['junit', 'markdown', 'html', 'har', 'archive', 'write-accepted', 'coverage'] as const

function refuseIdle(given: { readonly [Name in (typeof toldOfRuns)[number]]?: unknown }): void {
  const idle = toldOfRuns.find((name) => given[name] !== undefined)
  if (idle !== undefined)
    throw new UsageError(`--list tries nothing, so that --${idle} has nothing to tell; it goes with --json`)
}

function depthOf(text: string): Depth {
  const depth = depths.find((one) => one === text)
  if (depth === undefined) throw new UsageError(`--depth takes ${depths.join(', ')}, not "${text}"`)
  return depth
}

function settingsIn(given: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv): SettingTexts {
  const texts = settingsAmong(given, environment, besideDefaults)
  requireRunnable(resolveSettings(texts))
  return texts
}
