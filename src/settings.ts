import { parseArgs } from 'node:util'
import { definitions, SettingsError } from './setting-definitions.ts'

export { definitions, SettingsError } from './setting-definitions.ts'

type Definitions = typeof definitions
export type SettingName = keyof Definitions

type Parsed<Name extends SettingName> = ReturnType<Definitions[Name]['parse']>
type Unset = 'tlsCert' | 'tlsKey' | 'publicUrl' | 'profile' | 'logFormat'

export type Settings = { readonly [Name in SettingName]: Parsed<Name> | (Name extends Unset ? undefined : never) }

/** Settings as text, by name; what is not there takes its default. */
export type SettingTexts = { readonly [Name in SettingName]?: string | undefined }

const names = Object.keys(definitions) as SettingName[] // keys of a constant object are its names

export const environmentName = (name: SettingName): string =>
  `KOODRIVE_EMULATOR_${definitions[name].flag.toUpperCase().replaceAll('-', '_')}`

/**
 * Flags and environment as texts, flags winning; an empty variable counts as unset.
 *
 * @throws SettingsError for a flag nobody knows, one without its value, and words that belong to no flag
 */
export function readTexts(args: readonly string[], environment: NodeJS.ProcessEnv): SettingTexts {
  const flags = parseFlags(args)
  const entries = names.map((name) => [
    name,
    flags[definitions[name].flag] ?? (environment[environmentName(name)] || undefined),
  ])
  return Object.fromEntries(entries)
}

function parseFlags(args: readonly string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(
    names.map((name) => [
      definitions[name].flag,
      { type: 'string' as const, multiple: definitions[name].flag === 'allow-host' },
    ]),
  )
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new SettingsError(`does not know "${token.value}"; --help lists what it does`)
    if (token.kind !== 'option') continue
    if (!Object.hasOwn(options, token.name)) throw new SettingsError(`has no flag ${token.rawName}; --help lists them`)
    if (token.value === undefined) throw new SettingsError(`needs a value after ${token.rawName}`)
  }
  return Object.fromEntries(Object.entries(values).map(([flag, value]) => [flag, [value].flat().join(',')]))
}

/**
 * Settings from texts, whole and frozen.
 *
 * @throws SettingsError naming the flag and what it takes
 */
export function resolveSettings(texts: SettingTexts): Settings {
  const settings = Object.fromEntries(names.map((name) => [name, parse(name, texts[name])])) as unknown as Settings // each value is its own definition's
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    throw new SettingsError('--tls-cert and --tls-key go together; give both or neither')
  }
  return Object.freeze(settings)
}

function parse(name: SettingName, given: string | undefined): unknown {
  const { flag, fallback, parse: parseText } = definitions[name]
  const value = given ?? fallback
  if (value === undefined) return undefined
  try {
    if (given === '') throw new SettingsError('takes a value, not an empty one')
    return parseText(value)
  } catch (error) {
    throw error instanceof SettingsError ? new SettingsError(`--${flag} ${error.message}`) : error
  }
}
