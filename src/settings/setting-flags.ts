import { definitions } from './definitions.ts'
import type { SettingTexts } from './settings.ts'
import { readTexts } from './settings.ts'

interface SettingFlag {
  readonly takes: string
  readonly help: string
  readonly isRepeatable: boolean
}

/** The settings of `serve` as flags of another command, which takes them beside its own. */
export const settingFlags: Readonly<Record<string, SettingFlag>> = Object.fromEntries(
  Object.values(definitions).map(({ flag, takes, help, isRepeatable = false }) => [
    flag,
    { takes, help, isRepeatable },
  ]),
)

/** Those that were given among a command's own flags, as a command line of `serve` has them. */
const settingArgs = (given: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(given).flatMap(([flag, values]) =>
    Object.hasOwn(settingFlags, flag) ? [values].flat().map((value) => `--${flag}=${value}`) : [],
  )

/**
 * Settings from a command's own flags and the environment, and the command's defaults where neither says anything.
 *
 * @throws SettingsError
 */
export function settingsAmong(
  given: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  defaults: SettingTexts,
): SettingTexts {
  const said = Object.entries(readTexts(settingArgs(given), environment)).filter(([, text]) => text !== undefined)
  return { ...defaults, ...Object.fromEntries(said) }
}
