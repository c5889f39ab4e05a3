import type { LevelWithSilent } from 'pino'
import { durationMillis } from './world/duration.ts'

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

function hostNames(value: string): string[] {
  const names = value.split(',').filter((name) => name !== '')
  const wrong = names.find((name) => !/^[A-Za-z0-9*.-]+$/.test(name))
  if (wrong === undefined) return names
  throw new SettingsError(`takes host names such as emulator.example or *.example, not "${wrong}"`)
}

/** In milliseconds. */
function idleSpan(value: string): number {
  if (value === 'off') return Number.POSITIVE_INFINITY
  const millis = durationMillis(value)
  if (millis !== undefined && millis > 0) return millis
  throw new SettingsError(`takes off or an ISO 8601 duration such as PT1H, not "${value}"`)
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
    help: 'accept every well-formed token, or only those that were issued',
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
  control: define({
    flag: 'control',
    takes: 'on|off',
    fallback: 'on',
    help: 'the control plane at /_emulator and the worlds; health stays when it is off',
    parse: oneOf('on', 'off'),
  }),
  allowHost: define({
    flag: 'allow-host',
    takes: 'NAME',
    fallback: '',
    help: 'DNS name under which the control plane may be used; repeatable, * stands for anything',
    parse: hostNames,
  }),
  maxWorlds: define({
    flag: 'max-worlds',
    takes: 'N',
    fallback: '1000',
    help: 'most worlds beside the default one',
    parse: integer(0, 1_000_000),
  }),
  worldIdle: define({
    flag: 'world-idle',
    takes: 'DURATION',
    fallback: 'off',
    help: 'drop worlds that were not used for so long, such as PT1H',
    parse: idleSpan,
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
