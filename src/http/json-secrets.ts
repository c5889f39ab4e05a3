import { jsonOf, parseExactly } from './json.ts'
import { isSecretName, shown } from './secret-names.ts'

/*
 * JSON that stays JSON when secrets are taken out of it.
 */

const ofNumber = /[\d.eE+-]/

/** Puts a text where digits stand in a number of JSON. */
export function withoutNumbers(whole: string, digits: string, substitute: string): string {
  let [result, at] = ['', 0]
  for (let found = whole.indexOf(digits); found >= 0; found = whole.indexOf(digits, found)) {
    const start = stepped(whole, found, -1, ofNumber, at)
    found = stepped(whole, found + digits.length, 1, ofNumber)
    const [before, behind] = [stepped(whole, start, -1, /\s/, at), stepped(whole, found, 1, /\s/)]
    if (!/[:[,]/.test(whole.charAt(before - 1)) || !/[,\]}]/.test(whole.charAt(behind))) continue
    result += `${whole.slice(at, start)}"${substitute}"`
    at = found
  }
  return result + whole.slice(at)
}

/** How far one comes from a place over characters of this kind. */
function stepped(text: string, from: number, by: 1 | -1, kind: RegExp, least = 0): number {
  const next = by === 1 ? 0 : -1
  let at = from
  while (at + next >= least && kind.test(text.charAt(at + next))) at += by
  return at
}

/**
 * The JSON of a text's value, without what `hide` takes out of its names and texts.
 *
 * @returns `undefined` where the text is no JSON, or is nested deeper than can be gone through
 */
export function hiddenInJson(text: string, hide: (text: string) => string): string | undefined {
  try {
    return jsonOf(hidden(parseExactly(text), hide))
  } catch {
    return undefined
  }
}

function hidden(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (typeof value === 'number' || typeof value === 'bigint') {
    const shown = hide(String(value))
    return shown === String(value) ? value : shown
  }
  if (Array.isArray(value)) return value.map((item) => hidden(item, hide))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [hide(name), property(name, part, hide)]))
}

function property(name: string, value: unknown, hide: (text: string) => string): unknown {
  if (!isSecretName(name) || value === null || typeof value === 'boolean') return hidden(value, hide)
  return shown(typeof value === 'object' ? jsonOf(value) : String(value))
}

const escapedName = /"([^"]{0,200}\\u00[2-7][\da-f][^"]{0,200})"\s*:/gi

/** Whether a name that is a secret's has letters escaped, where no text shows it. */
export const hasEscapedName = (text: string): boolean =>
  text.includes('\\u00') && [...text.matchAll(escapedName)].some(([, name = '']) => isSecretName(unescaped(name)))

const unescaped = (name: string): string =>
  name.replace(/\\u00([\da-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
