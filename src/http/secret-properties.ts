import type { SecretValue } from './secret-names.ts'
import { hashed, secretEnd, shown, withoutValues } from './secret-names.ts'

/** Of a name in JSON that stands in a text of JSON, the quote is escaped. */
const property = new RegExp(`${secretEnd}(\\\\*)"\\s*:\\s*`, 'gi')
const number = /-?\d[\w.+-]*/y
/** The scheme of a credential is none of it. */
const scheme = /bearer[ +](?=[^"\\])/iy

/** Takes secrets out of JSON, perhaps cut off within: a control request that missed its path brings such. */
export const withoutProperties = (text: string): string =>
  withoutValues(text, property, ([, backslashes = ''], behind) => {
    const quote = `${backslashes}"`
    if (text[behind] === '[' || text[behind] === '{') return wholeAt(text, behind, quote)
    if (!text.startsWith(quote, behind)) return numberAt(text, behind, quote)
    const start = behind + quote.length
    scheme.lastIndex = start
    const own = start + (scheme.exec(text)?.[0].length ?? 0)
    return hashed(text, own, closingQuote(text, start, backslashes.length))
  })

function numberAt(text: string, start: number, quote: string): SecretValue | undefined {
  number.lastIndex = start
  const digits = number.exec(text)?.[0]
  return digits === undefined
    ? undefined
    : { start, end: start + digits.length, shown: `${quote}${shown(digits)}${quote}` }
}

const brackets = /["[\]{}]/g

/** A list or an object, to its end; an empty one is no secret. */
function wholeAt(text: string, start: number, quote: string): SecretValue | undefined {
  let depth = 0
  brackets.lastIndex = start
  for (let found = brackets.exec(text); found; found = brackets.exec(text)) {
    if (found[0] === '"') brackets.lastIndex = closingQuote(text, found.index + 1, quote.length - 1) + quote.length
    else depth += found[0] === '[' || found[0] === '{' ? 1 : -1
    if (depth === 0) return secretWithin(text, start, found.index + 1, quote)
  }
  return secretWithin(text, start, text.length, quote)
}

function secretWithin(text: string, start: number, end: number, quote: string): SecretValue | undefined {
  const value = text.slice(start, end)
  return /["\w]/.test(value) ? { start, end, shown: `${quote}${shown(value)}${quote}` } : undefined
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
