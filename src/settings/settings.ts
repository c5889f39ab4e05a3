import { parseArgs } from 'node:util'
import { npmCall } from '../process/npm-script.ts'
import { definitions } from './definitions.ts'
import { SettingsError } from './forms.ts'
import { advice } from './spelling.ts'

export { definitions } from './definitions.ts'
export { SettingsError } from './forms.ts'

type Definitions = typeof definitions
export type SettingName = keyof Definitions

type Parsed<Name extends SettingName> = ReturnType<Definitions[Name]['parse']>
type Unset =
  | 'controlToken'
  | 'controlTokenFile'
  | 'tlsCert'
  | 'tlsKey'
  | 'publicUrl'
  | 'profile'
  | 'park'
  | 'open'
  | 'journal'
  | 'logFormat'

export type Settings = { readonly [Name in SettingName]: Parsed<Name> | (Name extends Unset ? undefined : never) } & {
  /** Those that were given, and did not take their default. */
  readonly given: ReadonlySet<string>
}

/** Settings as text, by name; what is not there takes its default. */
export type SettingTexts = { readonly [Name in SettingName]?: string | undefined }

const names = Object.keys(definitions) as SettingName[] // keys of a constant object are its names

const prefix = 'KOODRIVE_EMULATOR_'

export const environmentName = (name: SettingName): string =>
  `${prefix}${definitions[name].flag.toUpperCase().replaceAll('-', '_')}`

/**
 * Flags and environment as texts, flags winning; an empty variable counts as unset.
 *
 * @throws SettingsError for a flag or variable nobody knows, one without its value, words that belong to no flag, and a
 * variable that cannot be taken
 */
export function readTexts(args: readonly string[], environment: NodeJS.ProcessEnv): SettingTexts {
  refuseKeptByNpm(args, environment)
  refuseUnknownVariables(environment)
  const flags = parseFlags(args)
  const entries = names.map((name) => [name, flags[definitions[name].flag] ?? variableOf(name, environment)])
  // As any flag wins: the image names a database in its environment.
  const isOpened = flags[definitions.open.flag] !== undefined && flags[definitions.db.flag] === undefined
  return { ...Object.fromEntries(entries), ...(isOpened && { db: undefined }) }
}

function variableOf(name: SettingName, environment: NodeJS.ProcessEnv): string | undefined {
  const variable = environmentName(name)
  const value = environment[variable]
  if (!value || isServiceAddress(name, value)) return undefined
  parse(name, value, variable)
  return value
}

/** Kubernetes and Docker links tell a container so of a service that is called `koodrive-emulator`. */
const isServiceAddress = (name: SettingName, value = ''): boolean =>
  name === 'port' && isOfService(environmentName(name), value)

/** What Kubernetes tells of Services whose names begin as our variables do. */
const ofServices = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/
const isOfService = (variable: string, value: string): boolean =>
  ofServices.test(variable) || (variable.endsWith('_PORT') && /^[a-z]+:\/\//i.test(value))

function refuseUnknownVariables(environment: NodeJS.ProcessEnv): void {
  const known = names.map(environmentName)
  for (const [variable, value = ''] of Object.entries(environment)) {
    const isOurs = variable.startsWith(prefix) && value !== '' && !isOfService(variable, value)
    if (isOurs && !known.includes(variable))
      throw new SettingsError(`has no setting ${variable}; ${advice(variable, known, prefix)}`)
  }
}

/** Flags in front of which `--` is missing, npm takes for its own. */
function refuseKeptByNpm(args: readonly string[], environment: NodeJS.ProcessEnv): void {
  const call = npmCall(environment)
  const words = [...args]
  const kept = names.flatMap((name) => {
    const { flag } = definitions[name]
    const value = environment[`npm_config_${flag.replaceAll('-', '_')}`]
    return value === undefined ? [] : [`--${flag} ${value === 'true' ? (words.shift() ?? '…') : value}`]
  })
  if (call === undefined || kept.length === 0) return
  throw new SettingsError(`was not given ${kept.join(' ')}, which npm kept for itself; type ${call} ${kept.join(' ')}`)
}

/** What is to be said of variables that look like settings and are none. */
export function remarksOn(environment: NodeJS.ProcessEnv): string[] {
  const variable = environmentName('port')
  const value = environment[variable]
  if (!isServiceAddress('port', value)) return []
  return [`${variable} is ignored: "${value}" is the address of a service and no port`]
}

function parseFlags(args: readonly string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(
    names
      .filter((name) => !definitions[name].isSecret)
      .map((name) => [
        definitions[name].flag,
        { type: 'string' as const, multiple: definitions[name].isRepeatable ?? false },
      ]),
  )
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new SettingsError(`does not know "${token.value}"; --help lists what it does`)
    if (token.kind !== 'option') continue
    if (!Object.hasOwn(options, token.name))
      throw new SettingsError(
        `has no flag ${token.rawName}; ${advice(
          token.rawName,
          Object.keys(options).map((flag) => `--${flag}`),
          '--',
        )}`,
      )
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
  const parsed = Object.fromEntries(
    names.map((name) => [name, parse(name, texts[name], `--${definitions[name].flag}`)]),
  )
  const given = new Set<string>(names.filter((name) => texts[name] !== undefined))
  const own = texts.open !== undefined && !given.has('db') ? { db: ':memory:' } : {}
  const settings = { ...parsed, ...own, given } as unknown as Settings // each value is its own definition's
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    throw new SettingsError('--tls-cert and --tls-key go together; give both or neither')
  }
  if (settings.open !== undefined && given.has('db') && settings.db !== ':memory:') {
    throw new SettingsError('--open serves a world in memory; leave --db out, or say --db :memory:')
  }
  if (given.has('parkKeep') && settings.park === undefined) throw new SettingsError('--park-keep needs --park')
  return Object.freeze(settings)
}

/** @param called what the setting is called where it was given */
function parse(name: SettingName, given: string | undefined, called: string): unknown {
  const { fallback, parse: parseText } = definitions[name]
  const value = given ?? fallback
  if (value === undefined) return undefined
  try {
    if (given === '') throw new SettingsError('takes a value, not an empty one')
    return parseText(value)
  } catch (error) {
    throw error instanceof SettingsError ? new SettingsError(`${called} ${error.message}`) : error
  }
}
