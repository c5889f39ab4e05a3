import type { Exchange } from '../http/exchange.ts'
import { parseJson } from '../http/json.ts'
import type { Entry, KeptBody, NewEntry } from './entry.ts'
import type { Facts } from './facts.ts'
import { factsOf } from './facts.ts'

const known = new WeakMap<Entry, Facts>()

/** The facts of an exchange: as they were noted, or from what is kept of it whole. */
export function factsIn(entry: Entry): Facts {
  if (entry.facts) return entry.facts
  const found = known.get(entry) ?? readFacts(entry)
  known.set(entry, found)
  return found
}

function readFacts(entry: Entry): Facts {
  const bodyText = textIn(entry.requestBody)
  return factsOf({
    operation: entry.operation,
    params: entry.params,
    query: entry.query,
    body: parseJson(bodyText),
    bodyText,
    payload: parseJson(textIn(entry.responseBody)),
    numberText: numbersOf(bodyText),
  })
}

const textIn = ({ text, isBinary }: KeptBody): string => (isBinary ? '' : text)

/** The bodies of an exchange as they may be shown, without its secrets. */
export interface ShownTexts {
  readonly sent: string
  readonly told: string
}

/** The same while all of the exchange is at hand, because only a part of its bodies will be kept. */
export function notedFacts(
  { operation, answer, payload, code }: Pick<Exchange, 'operation' | 'answer' | 'payload' | 'code'>,
  { params, query }: Pick<NewEntry, 'params' | 'query'>,
  { sent, told }: ShownTexts,
): Facts {
  return factsOf({
    operation,
    params,
    query,
    body: parseJson(sent),
    bodyText: sent,
    // To read an answer of many items again takes longer than to make it.
    payload: payload && told === answer ? { ...payload, code } : parseJson(told),
    numberText: numbersOf(sent),
  })
}

/** How the numbers at the top of a body were written: what JavaScript makes of them may be another number. */
function numbersOf(text: string): (name: string, value: number) => string {
  let written: ReadonlyMap<string, string> | undefined
  return (name) => {
    written ??= topNumbers(text)
    return String(written.get(name))
  }
}

function topNumbers(text: string): Map<string, string> {
  const found: { readonly holder: unknown; readonly name: string; readonly source: string }[] = []
  const root = parseJson(text, (holder, name, source) => found.push({ holder, name, source }))
  return new Map(found.filter(({ holder }) => holder === root).map(({ name, source }) => [name, source]))
}

/** The first value of a header, its name given in lower case. */
export function headerIn(lines: readonly string[], name: string): string | null {
  const index = lines.findIndex((line, place) => place % 2 === 0 && line.toLowerCase() === name)
  return index < 0 ? null : String(lines[index + 1])
}

/**
 * Seconds that an answer asked to wait: it said them, or until when.
 *
 * @param since from when on they are counted in the latter case, in Unix milliseconds; from the answer's own date, if nothing is said
 */
export function waitOf(
  { retryAfter, responseHeaders }: Pick<Entry, 'retryAfter' | 'responseHeaders'>,
  since: number = Date.parse(String(responseHeaders['date'])),
): number | null {
  if (retryAfter === null) return null
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter)
  return Math.max(0, (Date.parse(retryAfter) - since) / 1000)
}
