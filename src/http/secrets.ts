import { hash } from 'node:crypto'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'

/** Enough of a hash to recognise a secret by, and far too little to guess it from. */
function shortHash(secret: string): string {
  if (secret !== lastHashed.secret) lastHashed = { secret, short: `sha256:${hash('sha256', secret).slice(0, 12)}` }
  return lastHashed.short
}

/** The secret that was hashed last: the other headers of a client change, its credential does not. */
let lastHashed = { secret: '', short: 'sha256:e3b0c44298fc' }

/** Headers that hold nothing but a secret, which is looked for elsewhere in the request, too. */
const secretHeaders = new Set(['proxy-authorization', 'cookie', 'set-cookie', 'x-auth-token'])

/** How names end whose values are secrets: `refresh_token` and `clientSecret`, too. */
const secretEnd = '(?:token|secret|password|api[_-]?key|signature)'
const secretName = new RegExp(`${secretEnd}$`, 'i')

/** A parameter in a query or a form; the address that is its value may have parameters, too. */
const parameter = /((?:^|[?&;\s])([\w.%-]+)=)((?:(?!\?[\w.%-]{1,64}=)[^&#;\s"])+)/g

/** The same in an address that is encoded within another. */
const nestedParameter =
  /(%(?:25)*(?:3f|26)((?:(?!%(?:25)*(?:3d|26|3f))[\w.%-])+)(?:=|%(?:25)*3d))((?:(?!%(?:25)*26)[^&#;\s"])+)/gi

/** A property of JSON, perhaps cut off within: a control request that missed its path brings such. */
const secretProperty = new RegExp(
  String.raw`("[\w.-]*${secretEnd}"\s*:\s*)(?:"((?:[^"\\]|\\.)*)\\?(?:"|$)|(-?\d[\w.+-]*))`,
  'gi',
)

const isSecretName = (name: string): boolean =>
  secretName.test(name.replace(/%(?:25)*([\da-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16))))

/** What is shorter is a word like any other, and hidden only where it stands as a secret. */
const shortestSecret = 8

/** What a request may not be shown with. It is taken out once, before anything of the request is kept. */
export interface Redaction {
  /** Takes the request's own credential out of a text, however it is written there, and what its name says is a secret. */
  text(whole: string): string
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
  const text = (whole: string): string =>
    withoutNamed(places.reduce(mayBeEscaped(whole) ? withoutPlace : withoutWritten, whole))
  const value = (name: string, whole: string): string => {
    if (!isSecret(name)) return secretName.test(name) ? shortHash(whole) : text(whole)
    return name.length === 13 ? authorizationWithout(whole) : shortHash(whole)
  }
  let last: { readonly sent: readonly string[]; readonly shown: readonly string[] } = { sent: [], shown: [] }
  return {
    text,
    parameter: (name, whole) => text(`${name}=${whole}`).slice(name.length + 1),
    headers(all) {
      if (isSame(all, last.sent)) return last.shown
      const shown = all.map((line, index) => (index % 2 === 0 ? line : value(String(all[index - 1]), line)))
      last = { sent: all, shown }
      return shown
    },
  }
}

/** A client sends the same headers again and again: what is shown of them, and kept, is the same list then. */
const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index])

const withoutValue = (all: string, before: string, name: string, value: string): string =>
  isSecretName(name) ? `${before}${shortHash(value)}` : all

/** Most texts have none of these names. */
function withoutNamed(whole: string): string {
  if (!/token|secret|password|key|signature|%/i.test(whole)) return whole
  return whole
    .replace(nestedParameter, withoutValue)
    .replace(parameter, withoutValue)
    .replace(secretProperty, (_, name, text, number) => `${name}"${shortHash(text ?? number)}"`)
}

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
  readonly escaped: () => RegExp
  readonly substitute: string
  /** The same as a number in JSON, which becomes a string. */
  readonly number: RegExp
}

function placesOf(secret: string): Place[] {
  const substitute = shortHash(secret)
  return [secret, Buffer.from(secret).toString('hex'), ...base64Of(secret)].map((written) => {
    let escaped: RegExp | undefined
    return {
      written,
      substitute,
      number: /^\d+$/.test(written) ? new RegExp(`(?<=[:[,]\\s*)${written}(?=\\s*[,\\]}])`, 'g') : /$^/g,
      escaped: () => {
        escaped ??= new RegExp([...written].map(anyEscape).join(''), 'g')
        return escaped
      },
    }
  })
}

const withoutWritten = (whole: string, { written, substitute, number }: Place): string =>
  whole.includes(written) ? whole.replace(number, `"${substitute}"`).replaceAll(written, substitute) : whole

/** Few texts have anything that is. */
const mayBeEscaped = (text: string): boolean => text.includes('%') || text.includes('\\')

const withoutPlace = (whole: string, place: Place): string =>
  withoutWritten(whole, place).replace(place.escaped(), place.substitute)

/** A character as itself, percent-encoded once or twice, or escaped as JSON does. */
function anyEscape(character: string): string {
  const code = character.charCodeAt(0)
  const digits = (width: number) => anyCase(code.toString(16).padStart(width, '0'))
  const percent = [...Buffer.from(character)].map((byte) => `%(?:25)*${anyCase(byte.toString(16).padStart(2, '0'))}`)
  const itself = character.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
  return `(?:\\\\?${itself}|${percent.join('')}|\\\\u${digits(4)})`
}

const anyCase = (digits: string): string => digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

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
