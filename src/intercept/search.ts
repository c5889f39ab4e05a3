import type { Entry } from './entry.ts'
import { deviceIdOf } from './subject.ts'

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
  /** So many of the newest. */
  readonly limit?: number | undefined
}

/** The entries that were asked for, oldest first. */
export function searchEntries(entries: readonly Entry[], search: Search): Entry[] {
  const found = entries.filter((entry) => fits(entry, search))
  return search.limit === undefined ? found : found.slice(Math.max(0, found.length - search.limit))
}

function fits(entry: Entry, { operation, deviceId, status, code, since, until, body = {} }: Search): boolean {
  if (operation !== undefined && entry.operation !== operation) return false
  if (deviceId !== undefined && deviceOf(entry) !== deviceId) return false
  if (status !== undefined && entry.status !== status) return false
  if (code !== undefined && entry.code !== code) return false
  if (since !== undefined && Date.parse(entry.time) < Date.parse(since)) return false
  if (until !== undefined && Date.parse(entry.time) >= Date.parse(until)) return false
  return Object.entries(body).every(([name, value]) => asText(Object(entry.requestBody)[name]) === value)
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The device that an exchange was about: of its path, its query or its body. */
export function deviceOf({ path, requestBody }: Entry): string | undefined {
  const inPath = /\/device\/([^/?#]+)/.exec(path)?.[1]
  const inQuery = new URLSearchParams(path.split('?')[1] ?? '').get('deviceId') ?? undefined
  return inPath ?? inQuery ?? deviceIdOf(requestBody)
}
