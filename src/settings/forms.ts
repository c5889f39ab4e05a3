import { isIP } from 'node:net'
import type { LevelWithSilent } from 'pino'
import { durationMillis } from '../world/duration.ts'

/** A setting that cannot be taken, as one sentence that says what would be right. */
export class SettingsError extends Error {
  override readonly name: string = 'SettingsError'
}

export interface Definition<Value> {
  readonly flag: string
  /** What stands after the flag in the help. */
  readonly takes: string
  readonly fallback: string | undefined
  readonly help: string
  /** Whether the flag may be given more than once; its values are then listed with commas. */
  readonly isRepeatable?: boolean
  /** Whether it is a variable only: what stands in a command line, everybody on the machine can read. */
  readonly isSecret?: boolean
  /** @throws SettingsError that completes the sentence "--flag …" */
  readonly parse: (text: string) => Value
}

export const define = <Value>(definition: Definition<Value>): Definition<Value> => definition

export const text = (value: string): string => value

export const oneOf =
  <const Choice extends string>(...choices: Choice[]) =>
  (value: string): Choice => {
    const choice = choices.find((known) => known === value)
    if (choice === undefined) throw new SettingsError(`takes ${choices.join(', ')}, not "${value}"`)
    return choice
  }

export const integer =
  (least: number, most: number) =>
  (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    throw new SettingsError(`takes a whole number from ${least} to ${most}, not "${value}"`)
  }

export const scopeLimit = (value: string): number =>
  value === 'none' ? Number.POSITIVE_INFINITY : integer(0, 1_000_000_000)(value)

/** `false` for none, `true` for every origin, otherwise those listed. */
export function origins(value: string): boolean | string[] {
  if (value === 'off') return false
  if (value === '*') return true
  return value.split(',').map((origin) => {
    if (URL.canParse(origin) && new URL(origin).origin === origin) return origin
    throw new SettingsError(`takes off, * or origins such as https://app.example:8080, not "${origin}"`)
  })
}

/**
 * An address as it is usually written, without a final slash, so that a path can follow.
 *
 * @throws SettingsError that completes the sentence "--flag …"
 */
export function baseUrl(value: string): string {
  // A URL parser takes and mends much more than anybody means.
  const url = /^https?:\/\/[^\s\\?#@/][^\s\\?#@]*$/i.test(value) && URL.canParse(value) ? new URL(value) : undefined
  if (url) return url.origin + url.pathname.replace(/\/+$/, '')
  throw new SettingsError(`takes an address such as https://emulator.example/base, not "${value}"`)
}

export function hostNames(value: string): string[] {
  const names = value.split(',').filter((name) => name !== '')
  const wrong = names.find((name) => !/^[A-Za-z0-9*.-]+$/.test(name))
  if (wrong === undefined) return names
  throw new SettingsError(`takes host names such as emulator.example or *.example, not "${wrong}"`)
}

/** In milliseconds. */
export function idleSpan(value: string): number {
  if (value === 'off') return Number.POSITIVE_INFINITY
  const millis = durationMillis(value)
  if (millis !== undefined && millis > 0) return millis
  throw new SettingsError(`takes off or an ISO 8601 duration such as PT1H, not "${value}"`)
}

/** A span that may be nothing, of an hour at most. In milliseconds. */
export function briefSpan(value: string): number {
  const millis = durationMillis(value)
  if (millis !== undefined && millis <= 3_600_000) return millis
  throw new SettingsError(`takes an ISO 8601 duration of an hour at most, such as PT5S, not "${value}"`)
}

export const groupLimit = (value: string): number =>
  value === 'off' ? Number.POSITIVE_INFINITY : integer(1, 1_000_000)(value)

export function addressRanges(value: string): string[] {
  const ranges = value.split(',').filter((range) => range !== '')
  const wrong = ranges.find((range) => !isRange(range))
  if (wrong === undefined) return ranges
  throw new SettingsError(`takes addresses and ranges such as 127.0.0.1 or 10.0.0.0/8, not "${wrong}"`)
}

function isRange(range: string): boolean {
  const [, address = '', bits = '0'] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(range) ?? []
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 6 ? 128 : 32)
}

export function token(value: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value
  throw new SettingsError('takes a token without spaces and signs beyond ASCII')
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

/** In bytes. */
export function size(value: string): number {
  const [, digits, unit = ''] = /^(\d{1,12})([KMG]?)$/.exec(value) ?? []
  if (digits !== undefined) return Number(digits) * Number(units[unit])
  throw new SettingsError(`takes a number of bytes, or of them with K, M or G, such as 64M, not "${value}"`)
}

export const levels = oneOf<LevelWithSilent>('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent')
