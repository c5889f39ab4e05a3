import { hash } from 'node:crypto'

/** A body as it is kept: whole, or its beginning with what it was. */
export interface KeptBody {
  readonly text: string
  /** Of the whole body, where only its beginning is kept. */
  readonly cut?: { readonly bytes: number; readonly sha256: string }
}

/** One exchange as it is kept; how it is shown is for whoever shows it. */
export interface Exchange {
  readonly id: number
  /** By the state clock, in Unix milliseconds. */
  readonly time: number
  readonly wallTime: number
  readonly signingTime: number
  readonly durationMs: number
  readonly operation: string | null
  readonly method: string
  /** Path and query as received. */
  readonly url: string
  readonly world: string
  /** Names and values by turns. */
  readonly requestHeaders: readonly string[]
  readonly requestBody: KeptBody
  /** `null` where the connection ended before there was an answer. */
  readonly status: number | null
  readonly code: number | null
  readonly reason: string | null
  readonly responseBody: KeptBody
  readonly fault: string | null
  /** Seconds, where the answer asked to wait. */
  readonly retryAfter: number | null
  readonly rowsWritten: number
  /** Whether the connection had no request before this one. */
  readonly isFirstOnConnection: boolean
}

const mostEntries = 1000
const mostBytes = 1024 * 1024
const longestBody = 16 * 1024
/** What an entry takes beside its texts, roughly. */
const frameBytes = 512

/** Keeps a body whole up to 16 KiB, otherwise its beginning, copied so that the rest can be freed. */
export function keepBody(text: string): KeptBody {
  if (text.length * 3 <= longestBody) return { text }
  const bytes = Buffer.from(text)
  if (bytes.length <= longestBody) return { text }
  const beginning = bytes
    .subarray(0, longestBody)
    .toString()
    .replace(/\uFFFD$/, '')
  return { text: beginning, cut: { bytes: bytes.length, sha256: hash('sha256', bytes) } }
}

const sizeOf = ({ url, requestHeaders, requestBody, responseBody }: Omit<Exchange, 'id'>): number =>
  frameBytes + 2 * (url.length + requestBody.text.length + responseBody.text.length) + lengthOf(requestHeaders)

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length, 0)

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index])

/** What happened in a world, the newest of it: at most 1,000 exchanges and 1 MiB. */
export class Journal {
  #listeners = new Set<(exchange: Exchange) => void>()
  #exchanges: Exchange[] = []
  #bytes = 0
  #nextId = 1
  #dropped = 0
  #lastHeaders: readonly string[] = []

  /** Takes an exchange over. */
  add(exchange: Omit<Exchange, 'id'>): void {
    const own = { id: this.#nextId, requestHeaders: this.#shared(exchange.requestHeaders) }
    const added: Exchange = Object.assign(exchange, own) // a copy of so many properties would cost ten times as much
    this.#nextId += 1
    this.#exchanges.push(added)
    this.#bytes += sizeOf(added)
    while (this.#exchanges.length > mostEntries || (this.#bytes > mostBytes && this.#exchanges.length > 1)) this.#drop()
    for (const listener of this.#listeners) listener(added)
  }

  /** How many exchanges are no longer kept because others came. */
  get dropped(): number {
    return this.#dropped
  }

  /** Oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges
  }

  clear(): void {
    this.#exchanges = []
    this.#bytes = 0
    this.#dropped = 0
  }

  /** Tells of every exchange from now on; returns what ends that. */
  watch(listener: (exchange: Exchange) => void): () => void {
    const listeners = this.#listeners
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Lets those who watch this journal watch another from now on. */
  handOver(to: Journal): void {
    to.#listeners = this.#listeners
  }

  /** A client sends the same headers again and again; what is kept once need not be kept, nor looked after, a second time. */
  #shared(headers: readonly string[]): readonly string[] {
    if (!isSame(headers, this.#lastHeaders)) this.#lastHeaders = headers
    return this.#lastHeaders
  }

  #drop(): void {
    const oldest = this.#exchanges.shift()
    if (oldest) this.#bytes -= sizeOf(oldest)
    this.#dropped += 1
  }
}
