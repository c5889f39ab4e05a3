import type { Entry } from './entry.ts'
import { comparable } from './facts.ts'
import { outcomeIn } from './outcome.ts'
import { factsIn, headerIn } from './reading.ts'

/** What entries are asked for; all of it has to hold. */
export interface Search {
  readonly operation?: string | undefined
  readonly deviceId?: string | undefined
  readonly status?: number | undefined
  readonly code?: number | undefined
  /** Instants of the state clock, the first included, the last not. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Top-level properties of the request's body, as text. */
  readonly body?: Readonly<Record<string, string>>
  readonly userId?: string | undefined
  readonly outcome?: string | undefined
  /** The id of a fault; `any` for whichever. */
  readonly fault?: string | undefined
  /** A rule of the review that they show, `any` for whichever; answered by whoever reviews. */
  readonly finding?: string | undefined
  /** The id of a fact or decision that their reason names; answered by whoever knows statements. */
  readonly fact?: string | undefined
  /** Whether they have fields that nobody reads. */
  readonly unread?: boolean | undefined
  /** Later ones than this entry. */
  readonly after?: number | undefined
  /** Text in path, reason or bodies, in any case. */
  readonly q?: string | undefined
  /** So many of the newest. */
  readonly limit?: number | undefined
}

/**
 * The entries that were asked for, oldest first.
 *
 * @param shown ids of those that a finding is about, where one is asked for
 */
export function searchEntries(entries: readonly Entry[], search: Search, shown?: ReadonlySet<number>): Entry[] {
  const found: Entry[] = []
  const { limit = Number.POSITIVE_INFINITY } = search
  for (let index = entries.length - 1; index >= 0 && found.length < limit; index -= 1) {
    const entry = entries[index]
    if (entry && (shown?.has(entry.id) ?? true) && fits(entry, search)) found.push(entry)
  }
  return found.reverse()
}

function fits(entry: Entry, search: Search): boolean {
  const { fault, after, unread } = search
  if (after !== undefined && entry.id <= after) return false
  if (fault !== undefined && (fault === 'any' ? entry.fault === null : entry.fault !== fault)) return false
  if (search.userId !== undefined && headerIn(entry.requestHeaders, 'x-user-id') !== search.userId) return false
  return (
    hasAsked(entry, search) &&
    (unread === undefined || factsIn(entry).unread.length > 0 === unread) &&
    (search.outcome === undefined || outcomeIn(entry) === search.outcome) &&
    (search.q === undefined || hasText(entry, search.q.toLowerCase()))
  )
}

const hasText = ({ path, reason, requestBody, responseBody }: Entry, text: string): boolean =>
  [path, reason ?? '', requestBody.text, responseBody.text].some((one) => one.toLowerCase().includes(text))

function hasAsked(entry: Entry, { operation, deviceId, status, code, since, until, body = {} }: Search): boolean {
  if (operation !== undefined && entry.operation !== operation) return false
  if (status !== undefined && entry.status !== status) return false
  if (code !== undefined && entry.code !== code) return false
  if (since !== undefined && entry.time < Date.parse(since)) return false
  if (until !== undefined && entry.time >= Date.parse(until)) return false
  if (deviceId !== undefined && factsIn(entry).sent.deviceId !== comparable(deviceId)) return false
  const asked = Object.entries(body)
  return asked.every(([name, value]) => factsIn(entry).scalars[comparable(name)] === comparable(value))
}
