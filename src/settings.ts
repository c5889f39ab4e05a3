import { parseArgs } from 'node:util'
import type { LevelWithSilent } from 'pino'

/** A setting that cannot be taken, as one sentence that says what would be right. */
export class SettingsError extends Error {}

interface Definition<Value> {
  readonly flag: string
  /** What stands after the flag in the help. */
  readonly takes: string
  readonly fallback: string | undefined
  readonly help: string
  /** @throws SettingsError that completes the sentence "--flag …" */
  readonly parse: (text: string) => Value
}

const define = <Value>(definition: Definition<Value>): Definition<Value> => definition

const text = (value: string): string => value

const oneOf =
  <const Choice extends string>(...choices: Choice[]) =>
  (value: string): Choice => {
    const choice = choices.find((known) => known === value)
    if (choice === undefined) throw new SettingsError(`takes ${choices.join(', ')}, not "${value}"`)
    return choice
  }

const integer =
  (least: number, most: number) =>
  (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    throw new SettingsError(`takes a whole number from ${least} to ${most}, not "${value}"`)
  }

const scopeLimit = (value: string): number =>
  value === 'none' ? Number.POSITIVE_INFINITY : integer(0, 1_000_000_000)(value)

/** `false` for none, `true` for every origin, otherwise those listed. */
function origins(value: string): boolean | string[] {
  if (value === 'off') return false
  if (value === '*') return true
  return value.split(',').map((origin) => {
    if (URL.canParse(origin) && new URL(origin).origin === origin) return origin
    throw new SettingsError(`takes off, * or origins such as https://app.example:8080, not "${origin}"`)
  })
}

/** Without a final slash, so that a path can follow. */
function baseUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return value.replace(/\/+$/, '')
  throw new SettingsError(`takes an address such as https://emulator.example/base, not "${value}"`)
}

const levels = oneOf<LevelWithSilent>('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent')

/** Every setting: its flag, its environment variable (derived from the flag), its default and its form. */
export const definitions = {
  port: define({
    flag: 'port',
    takes: 'PORT',
    fallback: '4020',
    help: 'port to listen on; 0 picks a free one',
    parse: integer(0, 65_535),
  }),
  host: define({ flag: 'host', takes: 'HOST', fallback: '127.0.0.1', help: 'address to listen on', parse: text }),
  db: define({
    flag: 'db',
    takes: 'PATH',
    fallback: 'data/emulator.db',
    help: 'database file, made if missing, or :memory:',
    parse: text,
  }),
  seed: define({
    flag: 'seed',
    takes: 'PATH',
    fallback: 'bundled',
    help: 'what a new database starts with: a JSON file, bundled or none',
    parse: text,
  }),
  auth: define({
    flag: 'auth',
    takes: 'any|known',
    fallback: 'any',
    help: 'accept every well-formed token, or only those of the seed',
    parse: oneOf('any', 'known'),
  }),
  devices: define({
    flag: 'devices',
    takes: 'adopt|strict',
    fallback: 'adopt',
    help: 'bind unknown devices on first use, or refuse them',
    parse: oneOf('adopt', 'strict'),
  }),
  errorStatus: define({
    flag: 'error-status',
    takes: 'http|ok',
    fallback: 'http',
    help: 'HTTP status of refusals: 400, or 200 in its place',
    parse: oneOf('http', 'ok'),
  }),
  scopesPerModule: define({
    flag: 'scopes-per-module',
    takes: 'N',
    fallback: 'none',
    help: 'most scopes of one device and module, or none',
    parse: scopeLimit,
  }),
  durability: define({
    flag: 'durability',
    takes: 'normal|full',
    fallback: 'normal',
    help: 'acknowledged writes outlive a killed process, or a power cut too',
    parse: oneOf('normal', 'full'),
  }),
  tlsCert: define({
    flag: 'tls-cert',
    takes: 'FILE',
    fallback: undefined,
    help: 'certificate (PEM); with --tls-key the emulator speaks HTTPS',
    parse: text,
  }),
  tlsKey: define({
    flag: 'tls-key',
    takes: 'FILE',
    fallback: undefined,
    help: 'private key (PEM) of the certificate',
    parse: text,
  }),
  cors: define({
    flag: 'cors',
    takes: 'off|*|ORIGIN,…',
    fallback: 'off',
    help: 'web pages that may call the API from a browser',
    parse: origins,
  }),
  publicUrl: define({
    flag: 'public-url',
    takes: 'URL',
    fallback: undefined,
    help: 'base of upload addresses, where clients reach the emulator by another name',
    parse: baseUrl,
  }),
  profile: define({
    flag: 'profile',
    takes: 'FILE',
    fallback: undefined,
    help: 'JSON that puts other statuses, codes and messages into the catalogue of refusals',
    parse: text,
  }),
  logLevel: define({
    flag: 'log-level',
    takes: 'LEVEL',
    fallback: 'info',
    help: 'trace, debug, info, warn, error, fatal or silent',
    parse: levels,
  }),
  logFormat: define({
    flag: 'log-format',
    takes: 'pretty|json',
    fallback: undefined,
    help: 'form of the log; pretty on a terminal, otherwise json',
    parse: oneOf('pretty', 'json'),
  }),
} as const

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
  const options = Object.fromEntries(names.map((name) => [definitions[name].flag, { type: 'string' as const }]))
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new SettingsError(`does not know "${token.value}"; --help lists what it does`)
    if (token.kind !== 'option') continue
    if (!Object.hasOwn(options, token.name)) throw new SettingsError(`has no flag ${token.rawName}; --help lists them`)
    if (token.value === undefined) throw new SettingsError(`needs a value after ${token.rawName}`)
  }
  return Object.fromEntries(Object.entries(values).map(([flag, value]) => [flag, String(value)]))
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
    if (value === '') throw new SettingsError('takes a value, not an empty one')
    return parseText(value)
  } catch (error) {
    throw error instanceof SettingsError ? new SettingsError(`--${flag} ${error.message}`) : error
  }
}
