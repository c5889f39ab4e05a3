import { encoded } from './escaped-secrets.ts'
import { shortHash } from './short-hash.ts'

/*
 * Values that are secrets by their names. Patterns find where names and values end; a value itself may be as long as a body,
 * which is more than patterns with groups can go through.
 */

/** How names end whose values are secrets: `refresh_token`, `clientSecret` and `user[password]`, too. */
const secretEnd = '(?:token|secret|password|api[_-]?key|signature)(?:\\]|\\[\\w*\\])*'
const secretName = new RegExp(`${secretEnd}$`, 'i')
const percentEncoded = new RegExp(encoded('([\\da-f]{2})'), 'gi')

export const isSecretName = (name: string): boolean =>
  secretName.test(name.replace(percentEncoded, (_, code) => String.fromCharCode(Number.parseInt(code, 16))))

/** Most texts have none of these names. */
export function withoutNamed(whole: string): string {
  if (!/token|secret|password|key|signature|%/i.test(whole)) return whole
  return withoutProperties(withoutParameters(whole))
}

/** A value that is a secret: where it stands, and what is to stand there. */
interface Value {
  readonly start: number
  readonly end: number
  readonly shown: string
}

/** @param valueAt the value behind what the pattern found, if it is a secret; nothing before `from` belongs to its name */
function withoutValues(
  text: string,
  pattern: RegExp,
  valueAt: (found: RegExpExecArray, behind: number, from: number) => Value | undefined,
): string {
  let [result, at, from] = ['', 0, 0]
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const behind = found.index + found[0].length
    const value = valueAt(found, behind, from)
    from = value?.end ?? behind
    pattern.lastIndex = from
    if (value === undefined) continue
    result += text.slice(at, value.start) + value.shown
    at = value.end
  }
  return result + text.slice(at)
}

const hashed = (text: string, start: number, end: number): Value | undefined =>
  end > start ? { start, end, shown: shortHash(text.slice(start, end)) } : undefined

const equals = new RegExp(`=|${encoded('3d')}`, 'gi')
/** Longer names are known by their ends. */
const longestName = 1000

/** Parameters in a query or a form, also in an address that is encoded within another. */
const withoutParameters = (text: string): string =>
  withoutValues(text, equals, ({ 0: { length }, index }, start, from) =>
    isSecretName(text.slice(Math.max(from, index - longestName), index))
      ? hashed(text, start, parameterEnd(text, start, length))
      : undefined,
  )

/** The address that is a value may have parameters, too. */
const ends = new RegExp(`[&#;\\s"]|\\?[\\w.%-]{1,64}=|${encoded('26')}`, 'gi')

/** @param depth how long what stands for the equals sign is: what is encoded oftener is a part of the value */
function parameterEnd(text: string, start: number, depth: number): number {
  ends.lastIndex = start
  let found = ends.exec(text)
  while (found?.[0].startsWith('%') && found[0].length > depth) found = ends.exec(text)
  return found?.[0] === '"' ? start + withoutBackslashes(text.slice(start, found.index)) : (found?.index ?? text.length)
}

/** How long a text is without the backslashes at its end. */
function withoutBackslashes(text: string): number {
  let { length } = text
  while (text[length - 1] === '\\') length -= 1
  return length
}

/** Of a name in JSON that stands in a text of JSON, the quote is escaped. */
const property = new RegExp(`${secretEnd}(\\\\*)"\\s*:\\s*`, 'gi')
const number = /-?\d[\w.+-]*/y

/** Properties of JSON, perhaps cut off within: a control request that missed its path brings such. */
const withoutProperties = (text: string): string =>
  withoutValues(text, property, ([, backslashes = ''], behind) => {
    const quote = `${backslashes}"`
    if (!text.startsWith(quote, behind)) return numberAt(text, behind, quote)
    const start = behind + quote.length
    return hashed(text, start, closingQuote(text, start, backslashes.length))
  })

function numberAt(text: string, start: number, quote: string): Value | undefined {
  number.lastIndex = start
  const digits = number.exec(text)?.[0]
  return digits === undefined
    ? undefined
    : { start, end: start + digits.length, shown: `${quote}${shortHash(digits)}${quote}` }
}

/**
 * Where a text of JSON ends, or what there is of it.
 *
 * @param escapes so many backslashes stand before its quotes
 */
function closingQuote(text: string, from: number, escapes: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let run = 0
    while (at - run > from && text[at - run - 1] === '\\') run += 1
    const own = closing(run, escapes)
    if (own !== undefined) return at - own
  }
  return text.length
}

/**
 * How many of the backslashes before a quote belong to it, where it closes a text whose quotes have `escapes` of them, or one
 * around it; `undefined` where it is a character of the text.
 */
function closing(run: number, escapes: number): number | undefined {
  if (run % 2 === 0) return 0
  const own = escapes > 0 ? closing((run - 1) / 2, (escapes - 1) / 2) : undefined
  return own === undefined ? undefined : 2 * own + 1
}
