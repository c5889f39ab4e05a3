import type { Summary } from '../../schemas/journal.ts'
import type { Term } from '../address.ts'
import { isTermName } from '../address.ts'
import { readReason } from './reason.ts'

/** Takes text that somebody typed apart: `status:400 code:13000102 camera` is two terms and a text to look for. */
export function termsIn(text: string): Term[] {
  const words = text.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
  const terms = words.map(termOf)
  const free = terms.filter(({ name }) => name === 'q').map(({ value }) => value)
  const named = terms.filter(({ name }) => name !== 'q')
  return free.length === 0 ? named : [...named, { name: 'q', value: free.join(' ') }]
}

function termOf(word: string): Term {
  const [, name = '', value = ''] = /^([\w.]+):(.+)$/s.exec(word) ?? []
  const bare = (text: string) => text.replaceAll('"', '')
  return isTermName(name) && name !== 'q' ? { name, value: bare(value) } : { name: 'q', value: bare(word) }
}

/** A filter with another term: of one name there is one, as in a query. */
export const withTerm = (filter: readonly Term[], term: Term): Term[] => [
  ...filter.filter(({ name }) => name !== term.name),
  term,
]

/** Without one; pressing what is pressed takes it back. */
export const withoutTerm = (filter: readonly Term[], name: string): Term[] =>
  filter.filter((term) => term.name !== name)

export const termValue = (filter: readonly Term[], name: string): string | undefined =>
  filter.find((term) => term.name === name)?.value

type Judge = (summary: Summary, value: string) => boolean

const isSame = (number: number | null, value: string): boolean => /^\d{1,10}$/.test(value) && number === Number(value)

/** Instants are written as the journal wants them: what else a browser reads would be in its own zone. */
const instantIn = (value: string): number =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value) ? Date.parse(value) : Number.NaN

/** What a row of the list says of itself; all else only the journal knows. What the journal would refuse, no row fits. */
const judges: Readonly<Record<string, Judge>> = {
  operation: ({ operation }, value) => operation === value,
  status: ({ status }, value) => isSame(status, value),
  code: ({ code }, value) => isSame(code, value),
  outcome: ({ outcome }, value) => outcome === value,
  userId: ({ userId }, value) => userId === value,
  deviceId: ({ sent }, value) => sent['deviceId'] === value,
  fault: ({ fault }, value) => (value === 'any' ? fault !== null : fault === value),
  fact: ({ reason }, value) => readReason(reason ?? '').citations.includes(value),
  unread: ({ unread }, value) => value === String(unread > 0),
  since: ({ time }, value) => Date.parse(time) >= instantIn(value),
  until: ({ time }, value) => Date.parse(time) < instantIn(value),
}

/** Whether the rows alone can say what fits; otherwise the journal has to be asked. */
export const isDecidable = (filter: readonly Term[]): boolean => filter.every(({ name }) => name in judges)

/**
 * Whether a row fits.
 *
 * @param found ids that the journal named for the terms that rows cannot decide
 */
export const fits = (summary: Summary, filter: readonly Term[], found: ReadonlySet<number>): boolean =>
  filter.every(({ name, value }) => judges[name]?.(summary, value) ?? true) &&
  (isDecidable(filter) || found.has(summary.id))

/** What the journal is asked: the query of the control plane's list. */
export const searchOf = (filter: readonly Term[]): string =>
  new URLSearchParams(filter.map(({ name, value }): [string, string] => [name, value])).toString()
