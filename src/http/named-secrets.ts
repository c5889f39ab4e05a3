import { encoded } from './escaped-secrets.ts'
import { shortHash } from './short-hash.ts'

/*
 * Values that are secrets by their names. Patterns find the names, and where values end; a value itself may be as long as a
 * body, which is more than patterns with groups can go through.
 */

/** How names end whose values are secrets: `refresh_token` and `clientSecret`, too. */
const secretEnd = '(?:token|secret|password|api[_-]?key|signature)'
const secretName = new RegExp(`${secretEnd}$`, 'i')
const percentEncoded = new RegExp(encoded('([\\da-f]{2})'), 'gi')

export const isSecretName = (name: string): boolean =>
  secretName.test(name.replace(percentEncoded, (_, code) => String.fromCharCode(Number.parseInt(code, 16))))

/** Most texts have none of these names. */
export function withoutNamed(whole: string): string {
  if (!/token|secret|password|key|signature|%/i.test(whole)) return whole
  return withoutProperties(withoutParameters(withoutNestedParameters(whole)))
}

/** Where a pattern is found from a place on; the end of the text where it is not. */
function next(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}

/** A value that is a secret: where it stands, and what is to stand there. */
interface Value {
  readonly start: number
  readonly end: number
  readonly shown: string
}

/** @param valueAt the value behind what the pattern found, if it is a secret */
function withoutValues(
  text: string,
  pattern: RegExp,
  valueAt: (found: RegExpExecArray, behind: number) => Value | undefined,
): string {
  let [result, at] = ['', 0]
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const value = valueAt(found, found.index + found[0].length)
    pattern.lastIndex = value?.end ?? found.index + found[0].length
    if (value === undefined) continue
    result += text.slice(at, value.start) + value.shown
    at = value.end
  }
  return result + text.slice(at)
}

const hashed = (text: string, start: number, end: number): Value | undefined =>
  end > start ? { start, end, shown: shortHash(text.slice(start, end)) } : undefined

const parameter = /(?:^|[?&;\s])([\w.%-]+)=/g
/** The address that is a value may have parameters, too. */
const parameterEnd = /[&#;\s"]|\?[\w.%-]{1,64}=/g

/** Parameters in a query or a form. */
const withoutParameters = (text: string): string =>
  withoutValues(text, parameter, ([, name = ''], start) =>
    isSecretName(name) ? hashed(text, start, next(parameterEnd, text, start)) : undefined,
  )

const nestedStart = new RegExp(encoded('(?:3f|26)'), 'gi')
const nestedNameEnd = new RegExp(`=|${encoded('(?:3d|26|3f)')}|[^\\w.%-]`, 'gi')
const nestedEquals = new RegExp(`=|${encoded('3d')}`, 'iy')
const nestedEnd = new RegExp(`${encoded('26')}|[&#;\\s"]`, 'gi')

/** The same in an address that is encoded within another. */
const withoutNestedParameters = (text: string): string =>
  withoutValues(text, nestedStart, (_, from) => {
    const nameEnd = next(nestedNameEnd, text, from)
    nestedEquals.lastIndex = nameEnd
    const equals = nestedEquals.exec(text)?.[0]
    if (equals === undefined || !isSecretName(text.slice(from, nameEnd))) return undefined
    const start = nameEnd + equals.length
    return hashed(text, start, next(nestedEnd, text, start))
  })

const property = new RegExp(`"[\\w.-]*${secretEnd}"\\s*:\\s*`, 'gi')
const number = /-?\d[\w.+-]*/y

/** Properties of JSON, perhaps cut off within: a control request that missed its path brings such. */
const withoutProperties = (text: string): string =>
  withoutValues(text, property, (_, start) => {
    if (text[start] !== '"') return numberAt(text, start)
    const end = closingQuote(text, start + 1)
    return { start, end: end + 1, shown: `"${shortHash(text.slice(start + 1, end))}"` }
  })

function numberAt(text: string, start: number): Value | undefined {
  number.lastIndex = start
  const digits = number.exec(text)?.[0]
  return digits === undefined ? undefined : { start, end: start + digits.length, shown: `"${shortHash(digits)}"` }
}

/** Where a text of JSON ends, or what there is of it. */
function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '"') return at
    if (text[at] === '\\') at += 1
  }
  return text.length
}
