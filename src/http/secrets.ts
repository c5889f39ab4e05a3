import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import type { Folded } from './escaped-secrets.ts'
import { folded, withoutEscaped } from './escaped-secrets.ts'
import { parseJson } from './json.ts'
import { hasEscapedName, hiddenInJson, withoutNumbers } from './json-secrets.ts'
import { withoutNamed } from './named-secrets.ts'
import { isSecretName, shown } from './secret-names.ts'
import { shortHash } from './short-hash.ts'

/** Headers that hold nothing but a secret, which is looked for elsewhere in the request, too. */
const secretHeaders = new Set(['proxy-authorization', 'cookie', 'set-cookie', 'x-auth-token'])

/** What is shorter is a word like any other, and hidden only where it stands as a secret. */
const shortestSecret = 8

/** What a request may not be shown with. It is taken out once, before anything of the request is kept. */
export interface Redaction {
  /** Takes the request's own credential out of a text, however it is written there, and what its name says is a secret. */
  text(whole: string): string
  /** The same, where what is JSON stays JSON. */
  json(whole: string): string
  /** The same of the value of a parameter of this name. */
  parameter(name: string, value: string): string
  /** The same of header lines, names and values by turns; those that are secrets, or are named so, are replaced whole. */
  headers(lines: readonly string[]): readonly string[]
}

/** The credential that was looked for last: clients send the same one again and again. */
let latest = { credential: '', redaction: redactionOf([]) }

/** @param lines the header lines of a request, names and values by turns */
export function redactionFor(lines: readonly string[]): Redaction {
  const credential = credentialLines(lines)
  if (credential !== latest.credential) latest = { credential, redaction: redactionOf(lines) }
  return latest.redaction
}

function credentialLines(lines: readonly string[]): string {
  let found = ''
  for (let index = 0; index < lines.length; index += 2) {
    if (isSecret(String(lines[index]))) found += `${lines[index]}: ${lines[index + 1]}\n`
  }
  return found
}

/** Lengths first: most names are of another. */
function isSecret(name: string): boolean {
  const { length } = name
  if (length !== 13 && length !== 19 && length !== 6 && length !== 10 && length !== 12) return false
  const lower = name.toLowerCase()
  return lower === 'authorization' || secretHeaders.has(lower)
}

function redactionOf(lines: readonly string[]): Redaction {
  const places = secretsIn(lines).flatMap((secret) => placesOf(secret))
  const escaped = places.map(({ escaped }) => escaped).filter(({ text }) => text.length >= shortestSecret)
  const text = (whole: string): string => withoutNamed(withoutEscaped(places.reduce(withoutWritten, whole), escaped))
  const value = (name: string, whole: string): string => {
    if (!isSecret(name)) return isSecretName(name) ? shown(whole) : text(whole)
    return name.length === 13 ? authorizationWithout(whole) : shortHash(whole)
  }
  let last: { readonly sent: readonly string[]; readonly shown: readonly string[] } = { sent: [], shown: [] }
  return {
    text,
    json: (whole) => {
      const rest = text(whole)
      const isSound = rest === whole || parseJson(rest) !== undefined
      return isSound && !hasEscapedName(whole) ? rest : (hiddenInJson(whole, text) ?? rest)
    },
    parameter: (name, whole) => (isSecretName(name) && whole !== '' ? shown(whole) : text(whole)),
    headers(all) {
      if (isSame(all, last.sent)) return last.shown
      const lines = all.map((line, index) => (index % 2 === 0 ? text(line) : value(String(all[index - 1]), line)))
      last = { sent: all, shown: lines }
      return lines
    },
  }
}

/** A client sends the same headers again and again: what is shown of them, and kept, is the same list then. */
const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index])

/** The scheme stays, and of an app signature all but the signature itself. */
function authorizationWithout(value: string): string {
  const [, before, secret] = signatureForm.exec(value) ?? bearerForm.exec(value) ?? []
  return before === undefined || secret === undefined ? shortHash(value) : `${before}${shortHash(secret)}`
}

const signatureForm = /^(HMAC-SHA256 .*Signature=)([^,\s]+)$/
const bearerForm = /^(bearer[ +])([\x21-\x7e]+)$/i

/** What the request's headers hold that must not be found anywhere else in it. */
function secretsIn(lines: readonly string[]): string[] {
  const found: string[] = []
  for (let index = 0; index < lines.length; index += 2) {
    const [name, value] = [String(lines[index]), String(lines[index + 1])]
    if (isSecret(name)) found.push(...(name.length === 13 ? credentialsOf(value) : [value]))
  }
  // A longer one may hold a shorter one.
  const byLength = [...new Set(found)].sort((one, other) => other.length - one.length)
  return byLength.filter((secret) => secret.length >= shortestSecret && !namesOfTheApi().has(secret))
}

/** As many words of what is no credential are looked for elsewhere: nobody has more secrets at a time. */
const mostWords = 8

/** The token or the signature; in any other form all of it, its longest words, and what they may encode. */
function credentialsOf(authorization: string): string[] {
  const secret = (signatureForm.exec(authorization) ?? bearerForm.exec(authorization))?.[2]
  if (secret !== undefined) return [secret]
  const words = authorization.split(/[\s,;="]+/).sort((one, other) => other.length - one.length)
  const longest = words.slice(0, mostWords)
  return [authorization, ...longest, ...longest.flatMap(decodedPassword)]
}

/** Of `Basic`, the two parts of what is encoded. */
function decodedPassword(basic: string): string[] {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(basic)) return []
  const both = Buffer.from(basic, 'base64').toString('latin1')
  return both.includes(':') ? [both, both.slice(both.indexOf(':') + 1)] : []
}

let names: ReadonlySet<string> | undefined

/** A token may be called as a part of the API is: to replace that everywhere would garble what is shown, and hide nothing. */
function namesOfTheApi(): ReadonlySet<string> {
  names ??= new Set(
    Object.values<Operation>(contracts).flatMap(({ id, path, params, query, body, payload }) => [
      id,
      ...path.split(/[/{}]+/),
      ...[params, query, body, payload].flatMap(namesWithin),
      'koodrive',
      '_emulator',
      'application',
    ]),
  )
  return names
}

function namesWithin(schema: unknown): string[] {
  const { properties = {}, items } = Object(schema)
  const within = Object.entries(properties).flatMap(([name, part]) => [name, ...namesWithin(part)])
  return items === undefined ? within : [...within, ...namesWithin(items)]
}

/** A way in which a secret may be written, and the same with any of its characters escaped. */
interface Place {
  readonly written: string
  readonly substitute: string
  readonly escaped: Folded
}

function placesOf(secret: string): Place[] {
  const substitute = shortHash(secret)
  return [...new Set([secret, xmlOf(secret), ...hexOf(secret), wideOf(secret), ...base64Of(secret)])].map(
    (written) => ({
      written,
      substitute,
      escaped: folded(written, substitute),
    }),
  )
}

/** As the object store's refusals repeat it. */
const xmlOf = (secret: string): string => secret.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

function hexOf(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex')
  return [hex, hex.toUpperCase()]
}

/** In UTF-16, whichever byte of a character comes first. */
const wideOf = (secret: string): string => Buffer.from(secret, 'utf16le').toString('latin1').slice(0, -1)

/** As a number in JSON, or a part of one, it becomes a string. */
function withoutWritten(whole: string, { written, substitute }: Place): string {
  if (!whole.includes(written)) return whole
  return (/^\d+$/.test(written) ? withoutNumbers(whole, written, substitute) : whole).replaceAll(written, substitute)
}

/**
 * What a secret looks like within a longer text that was encoded in base64: wherever it begins there, these characters depend
 * on it alone.
 */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const inner = [0, 1, 2].flatMap((before) => {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes])
    const [start, end] = [Math.ceil((before * 8) / 6), Math.floor((shifted.length * 8) / 6)]
    return (['base64', 'base64url'] as const).map((alphabet) => shifted.toString(alphabet).slice(start, end))
  })
  return [...new Set(inner)].filter((text) => text.length >= shortestSecret)
}
