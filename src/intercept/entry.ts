import type { Hider } from '../http/secrets.ts'
import { hiderOf } from '../http/secrets.ts'
import { isoInstant } from '../store/snowflake.ts'
import type { Exchange, KeptBody } from '../world/journal.ts'
import { unreadOf } from './unread.ts'

/** A body as a journal shows it: JSON where it is JSON, otherwise text; only its beginning where it was cut. */
export type ShownBody = unknown

/** One exchange as the journal shows it: no secret is in it. */
export interface Entry {
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
  readonly status: number | null
  readonly code: number | null
  readonly reason: string | null
  readonly responseBody: ShownBody
  readonly fault: string | null
  /** Seconds, where the answer asked to wait. */
  readonly retryAfter: number | null
  readonly rowsWritten: number
  readonly unread: readonly string[]
  readonly isFirstOnConnection: boolean
  /** What the clock that judges `X-Date` showed. */
  readonly signingTime: string
}

export function entryOf(exchange: Exchange): Entry {
  const hide = hiderOf(exchange.requestHeaders)
  const body = shown(exchange.requestBody, hide)
  const path = hide.url(exchange.url)
  return {
    id: exchange.id,
    time: isoInstant(exchange.time),
    wallTime: isoInstant(exchange.wallTime),
    durationMs: exchange.durationMs,
    operation: exchange.operation,
    method: exchange.method,
    path,
    world: exchange.world,
    requestHeaders: headersOf(exchange.requestHeaders, hide),
    requestBody: body,
    status: exchange.status,
    code: exchange.code,
    reason: exchange.reason,
    responseBody: shown(exchange.responseBody, hide),
    fault: exchange.fault,
    retryAfter: exchange.retryAfter,
    rowsWritten: exchange.rowsWritten,
    unread: exchange.requestBody.cut ? [] : unreadOf(exchange.operation, body, queryNames(path)),
    isFirstOnConnection: exchange.isFirstOnConnection,
    signingTime: isoInstant(exchange.signingTime),
  }
}

function headersOf(lines: readonly string[], hide: Hider): Record<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index < lines.length; index += 2) {
    const name = String(lines[index]).toLowerCase()
    const value = hide.header(name, String(lines[index + 1]))
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}

function shown({ text, cut }: KeptBody, hide: Hider): ShownBody {
  if (cut) return { beginning: hide.text(text), ...cut }
  if (text === '') return null
  try {
    return hide.json(JSON.parse(text))
  } catch {
    return hide.text(text)
  }
}

const queryNames = (url: string): string[] => [...new URLSearchParams(url.split('?')[1] ?? '').keys()]
