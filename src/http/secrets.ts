import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Enough of a hash to recognise a secret by, and far too little to guess it from. */
const shortHash = (secret: string): string => `sha256:${hash('sha256', secret).slice(0, 12)}`

/** Headers that hold nothing but a secret. */
const secretHeaders = new Set(['proxy-authorization', 'cookie', 'x-auth-token'])

/** What is shorter is a word like any other, and hidden only where it stands as a secret. */
const shortestSecret = 8

/** The secrets in an `Authorization`: a token, a signature or, in any other form, all of it and each of its words. */
function secretsOf(authorization: string): string[] {
  const signature = /^HMAC-SHA256 .*Signature=([^,\s]+)$/.exec(authorization)?.[1]
  const secret = signature ?? /^bearer[ +]([\x21-\x7e]+)$/i.exec(authorization)?.[1]
  return secret === undefined ? [authorization, ...authorization.split(/[\s,;="]+/)] : [secret]
}

export type Hide = (text: string) => string

export interface Hider {
  /** Puts a short hash in the place of each secret in a text. */
  readonly text: Hide
  /** The same in a request target, where secrets may be encoded. */
  readonly url: Hide
  /** The same in the value of a header. */
  readonly header: (name: string, value: string) => string
  /** The same in a JSON value, however its text wrote them. */
  readonly json: (value: unknown) => unknown
}

/** Hides whatever is secret of an exchange, wherever in it that stands. */
export function hiderOf(headers: readonly string[]): Hider {
  const found: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const [name, value] = [String(headers[index]).toLowerCase(), String(headers[index + 1])]
    if (name === 'authorization') found.push(...secretsOf(value))
    else if (secretHeaders.has(name)) found.push(value)
  }
  // A longer one may hold a shorter one.
  const secrets = [...new Set(found)].sort((one, other) => other.length - one.length)
  const long = secrets.filter(({ length }) => length >= shortestSecret)
  const text: Hide = (whole) => replaceAll(whole, long)
  return {
    text,
    url: (target) => text(target).replace(/[^?&#]+/g, (piece) => hideEncoded(piece, text)),
    header: (name, value) =>
      name === 'authorization' || secretHeaders.has(name) ? replaceAll(value, secretsIn(value, secrets)) : text(value),
    json: (value) => hideJson(value, text),
  }
}

/** Whether a target could hold a secret of these headers at all; of almost all, a glance shows that it does not. */
export function mayHoldSecret(target: string, headers: IncomingHttpHeaders): boolean {
  const { authorization = '' } = headers
  if (target.includes('%') || [...secretHeaders].some((name) => headers[name] !== undefined)) return true
  return secretsOf(authorization).some((secret) => secret.length >= shortestSecret && target.includes(secret))
}

const replaceAll = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((hidden, secret) => hidden.replaceAll(secret, shortHash(secret)), text)

/** The longest is enough: a short one would be found in the hash of another. */
const secretsIn = (value: string, secrets: readonly string[]): string[] =>
  secrets.filter((secret) => secret !== '' && value.includes(secret)).slice(0, 1)

function hideEncoded(piece: string, hide: Hide): string {
  try {
    const decoded = decodeURIComponent(piece)
    const hidden = hide(decoded)
    return hidden === decoded ? piece : encodeURI(hidden).replace(/[?&#]/g, encodeURIComponent)
  } catch {
    return piece
  }
}

function hideJson(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return hide(value)
  if (Array.isArray(value)) return value.map((item) => hideJson(item, hide))
  if (typeof value === 'number') return hide(String(value)) === String(value) ? value : hide(String(value))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [hide(name), hideJson(part, hide)]))
}
