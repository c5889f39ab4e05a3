import { parseJson } from '../http/json.ts'
import { isoInstant } from '../store/snowflake.ts'
import type { Entry, KeptBody } from './entry.ts'
import type { Journal } from './journal.ts'
import { factsIn, waitOf } from './reading.ts'
import { headOf, summaryOf } from './summary.ts'

/** A body as a journal shows it: JSON where it is JSON, otherwise text; its beginning where only that is kept. */
type ShownBody = unknown

/** One exchange as the journal shows it: no secret is in it. */
export interface EntryView {
  readonly id: number
  readonly time: string
  readonly wallTime: string
  readonly durationMs: number
  readonly operation: string | null
  readonly method: string
  readonly path: string
  readonly world: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly requestBody: ShownBody
  /** In bytes; -1 where it is not known. */
  readonly requestSize: number
  readonly status: number | null
  readonly code: number | null
  readonly reason: string | null
  readonly responseHeaders: Readonly<Record<string, string>>
  readonly responseBody: ShownBody
  /** Whether the answer went out whole. */
  readonly delivered: boolean
  readonly fault: string | null
  /** What it did. */
  readonly effect: string | null
  /** Seconds, where the answer asked to wait. */
  readonly retryAfter: number | null
  readonly rowsWritten: number
  readonly unread: readonly string[]
  readonly connection: number
  readonly isFirstOnConnection: boolean
  /** What the clock that judges `X-Date` showed. */
  readonly signingTime: string
}

/** An entry as it is shown in process, where numbers are JavaScript's: the texts beside it are as they were sent. */
export interface WholeEntryView extends EntryView {
  readonly requestText: string
  readonly responseText: string
}

export function wholeViewOf(entry: Entry): WholeEntryView {
  const texts = { requestText: entry.requestBody.text, responseText: entry.responseBody.text }
  // Not to be seen when a view is printed or compared: the bodies say the same.
  const hidden = Object.entries(texts).map(([name, value]) => [name, { value, enumerable: false }])
  return Object.defineProperties(viewOf(entry), Object.fromEntries(hidden)) as WholeEntryView // with the two just added
}

export function viewOf(entry: Entry): EntryView {
  return {
    ...headOf(entry),
    requestHeaders: headersOf(entry.requestHeaders),
    requestBody: shown(entry.requestBody),
    requestSize: entry.requestSize,
    status: entry.status,
    code: entry.code,
    reason: entry.reason,
    responseHeaders: asTexts(entry.responseHeaders),
    responseBody: shown(entry.responseBody),
    delivered: entry.delivered,
    fault: entry.fault,
    effect: entry.effect,
    retryAfter: waitOf(entry),
    rowsWritten: entry.rowsWritten,
    unread: factsIn(entry).unread,
    connection: entry.connection,
    isFirstOnConnection: entry.isFirstOnConnection,
    signingTime: isoInstant(entry.signingTime),
  }
}

/** Entries of a journal, to be shown in process or to be sent. */
export class EntryListView {
  readonly dropped: number
  readonly #restorations: readonly number[]
  readonly #entries: readonly Entry[]
  readonly #isSummary: boolean

  /**
   * @param journal of which they are
   * @param isSummary whether they are sent as rows of a list, which also say between which of them the world was put back
   */
  constructor(entries: readonly Entry[], { dropped, restorations }: Journal, isSummary = false) {
    this.#entries = entries
    this.dropped = dropped
    this.#restorations = restorations
    this.#isSummary = isSummary
  }

  get requests(): WholeEntryView[] {
    return this.#entries.map(wholeViewOf)
  }

  /** As JSON. */
  toText(): string {
    const textOf = this.#isSummary ? (entry: Entry) => JSON.stringify(summaryOf(entry)) : entryText
    const restorations = this.#isSummary ? `,"restorations":${JSON.stringify(this.#restorations)}` : ''
    return `{"requests":[${this.#entries.map(textOf).join()}],"dropped":${this.dropped}${restorations}}`
  }
}

/** The JSON of a view in which bodies stand as they were written: every digit, every key. */
export function entryText(entry: Entry): string {
  const { requestBody, responseBody, ...rest } = viewOf(entry)
  const bodies = [
    `"requestBody":${writtenOr(entry.requestBody, requestBody)}`,
    `"responseBody":${writtenOr(entry.responseBody, responseBody)}`,
  ]
  return `${JSON.stringify(rest).slice(0, -1)},${bodies.join()}}`
}

const writtenOr = (kept: KeptBody, view: ShownBody): string =>
  isJson(kept) ? kept.text.replace(/^\uFEFF/, '') : JSON.stringify(view)

const isJson = ({ text, cut, isBinary }: KeptBody): boolean => !cut && !isBinary && parseJson(text) !== undefined

function shown({ text, cut, isBinary }: KeptBody): ShownBody {
  if (isBinary) return { base64: text, ...cut }
  if (cut) return { beginning: text, ...cut }
  return text === '' ? null : (parseJson(text) ?? text)
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index < lines.length; index += 2) {
    const name = String(lines[index]).toLowerCase()
    const before = headers.get(name)
    headers.set(name, before === undefined ? String(lines[index + 1]) : `${before}, ${lines[index + 1]}`)
  }
  return Object.fromEntries(headers)
}

const asTexts = (headers: Entry['responseHeaders']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
