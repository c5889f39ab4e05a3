import { besideDefaults, besideFlags, commandLine, readUser, requireDifferent } from '../cli/command-line.ts'
import type { Bound } from '../cli/coverage-bounds.ts'
import { readBound } from '../cli/coverage-bounds.ts'
import type { Flags } from '../cli/flags.ts'
import { readFlags } from '../cli/flags.ts'
import { standardOutput } from '../cli/outputs.ts'
import { UsageError } from '../cli/usage-error.ts'
import type { Template } from '../cli/variables.ts'
import { readTemplate } from '../cli/variables.ts'
import { reviewRules } from '../src/review/rules.ts'
import { settingFlags, settingsAmong } from '../src/settings/setting-flags.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import { resolveSettings } from '../src/settings/settings.ts'

/** What the command line of `exec` says, checked. */
export interface ExecOptions {
  /** The command and its arguments. */
  readonly command: readonly string[]
  readonly settings: SettingTexts
  readonly user: string
  readonly templates: readonly Template[]
  readonly timeoutMillis: number | undefined
  /** Whether review and coverage are told in words. */
  readonly review: boolean
  readonly coverage: boolean
  /** Whether a command that never calls is fine. */
  readonly allowSilence: boolean
  /** Rules of the review that must have no finding. */
  readonly failOn: readonly string[]
  readonly failUnder: readonly Bound[]
  readonly outputs: ExecOutputs
}

/** Paths, unread and unwritten: of files where nothing else is said. */
export interface ExecOutputs {
  readonly har?: string | undefined
  readonly state?: string | undefined
  readonly json?: string | undefined
  readonly junit?: string | undefined
  readonly coverageInto?: string | undefined
  /** Of a folder. */
  readonly archive?: string | undefined
}

export const execFlags = {
  review: { help: 'tell what a reviewer of the client would say' },
  coverage: { help: 'tell what of the contract was never met' },
  'coverage-into': { takes: 'FILE', help: 'add the coverage of this run to what the file holds, and tell the sum' },
  har: { takes: 'FILE', help: 'write what was sent and answered as an HTTP archive' },
  state: { takes: 'FILE', help: 'write what the default world holds at the end, as a seed' },
  archive: {
    takes: 'FOLDER',
    help: 'write the worlds that it used, a file each, where the command or anything asked for fails',
  },
  json: { takes: 'FILE', help: 'write the whole report' },
  junit: { takes: 'FILE', help: 'write the report for a pipeline' },
  'fail-on': {
    takes: 'review|RULE',
    help: 'fail on any finding, or on those of a rule; repeatable',
    isRepeatable: true,
  },
  'fail-under': {
    takes: 'KIND=PERCENT',
    help: 'fail where less was met, such as refusals=50; repeatable',
    isRepeatable: true,
  },
  'allow-silence': { help: 'do not fail where the command never calls the emulator' },
  timeout: { takes: 'SECONDS', help: 'end the command after so long' },
  ...besideFlags,
} as const satisfies Flags

/** A day: nobody waits longer for a command. */
const mostSeconds = 86_400

/**
 * Options from flags and environment.
 *
 * @throws UsageError, SettingsError
 */
export function readExecOptions(args: readonly string[], environment: NodeJS.ProcessEnv): ExecOptions {
  const { own, command } = commandLine('exec', args)
  const given = readFlags({ ...settingFlags, ...execFlags }, own)
  const outputs = {
    har: given.har,
    state: given.state,
    json: given.json,
    junit: given.junit,
    coverageInto: given['coverage-into'],
    archive: given.archive,
  }
  requireFiles(Object.values(outputs))
  return {
    command,
    settings: settingsIn(given, environment),
    user: readUser(given.user),
    templates: (given.env ?? []).map(readTemplate),
    timeoutMillis: given.timeout === undefined ? undefined : millisOf(given.timeout),
    review: 'review' in given,
    coverage: 'coverage' in given,
    allowSilence: 'allow-silence' in given,
    failOn: (given['fail-on'] ?? []).flatMap(rulesOf),
    failUnder: (given['fail-under'] ?? []).map(readBound),
    outputs,
  }
}

function millisOf(seconds: string): number {
  const millis = /^\d{1,5}(\.\d{1,3})?$/.test(seconds) ? Math.round(1000 * Number(seconds)) : 0
  if (millis > 0 && millis <= 1000 * mostSeconds) return millis
  throw new UsageError(`--timeout takes seconds, such as 300 or 0.5, up to ${mostSeconds}`)
}

function requireFiles(paths: readonly (string | undefined)[]): void {
  if (paths.includes(standardOutput)) throw new UsageError("- is no file here: standard output is the command's")
  requireDifferent(paths)
}

function settingsIn(given: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv): SettingTexts {
  const texts = settingsAmong(given, environment, besideDefaults)
  if (resolveSettings(texts).control === 'off')
    throw new UsageError('--control off leaves exec nothing to see what the command calls; leave it on')
  return texts
}

const ruleNames = reviewRules.map(({ rule }) => rule)

function rulesOf(word: string): readonly string[] {
  if (word === 'review') return ruleNames
  if (ruleNames.includes(word)) return [word]
  throw new UsageError(`--fail-on takes review or one of its rules (${ruleNames.join(', ')}), not "${word}"`)
}
