import { EventReader } from './model/event-stream.ts'
import { isWorldName } from './model/world-names.ts'

/** What whoever watches is told. */
export type Told =
  | { readonly kind: 'live' }
  /** Since when it is away, and when it is tried again, by the wall clock. */
  | { readonly kind: 'lost'; readonly since: number; readonly nextTry: number }
  | { readonly kind: 'event'; readonly name: string; readonly data: unknown }

/** What a page wants of the stream: that the changes of its world are noted, or that it is tried again at once. */
export type Wish =
  | { readonly kind: 'watch'; readonly world: string }
  | { readonly kind: 'retry' }
  | { readonly kind: 'bye' }

/** A stream that said nothing for so long is dead; the emulator gives a sign of life every 15 s. */
const silence = 40_000
const waits = [500, 1000, 2000, 4000, 5000]

/**
 * The stream of all that happens in the emulator. Read by `fetch`, because an `EventSource` keeps the signs of life to itself,
 * and one whose other side is gone looks alive for minutes.
 */
export class Stream {
  readonly #address: URL
  readonly #tell: (told: Told) => void
  #worlds: readonly string[] = []
  #lastId = ''
  #attempts = 0
  #lostAt: number | null = null
  #reading: AbortController | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #alarm: ReturnType<typeof setTimeout> | undefined
  /** What a latecomer has to be told. */
  readonly last = new Map<string, Told>()

  /** @param base the address of the control plane */
  constructor(base: string, tell: (told: Told) => void) {
    this.#address = new URL('events', base)
    this.#tell = (told) => {
      if (told.kind !== 'event') this.last.set('connection', told)
      else if (told.name === 'hello') this.last.set('hello', told)
      tell(told)
    }
  }

  /** Names the worlds whose changes are to be noted, and begins where it has not begun. */
  watch(worlds: Iterable<string>): void {
    const sorted = [...new Set(worlds)].filter(isWorldName).toSorted()
    if (this.#reading && sorted.join() === this.#worlds.join()) return
    this.#worlds = sorted
    this.#later(20)
  }

  retry(): void {
    this.#later(0)
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#alarm)
    this.#reading?.abort()
    this.#reading = null
  }

  #later(millis: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#open(), millis)
  }

  async #open(): Promise<void> {
    this.stop()
    const reading = new AbortController()
    this.#reading = reading
    const query = new URLSearchParams(this.#worlds.map((world) => ['changes', world]))
    if (this.#lastId !== '') query.set('after', this.#lastId)
    this.#address.search = String(query)
    try {
      this.#listen(reading)
      const { ok, body } = await fetch(this.#address, { signal: reading.signal, cache: 'no-store' })
      if (ok && body) await this.#readAll(body, reading)
    } catch {
      // Whatever it was, it is tried again.
    }
    if (this.#reading === reading) this.#lose()
  }

  async #readAll(body: ReadableStream<Uint8Array<ArrayBuffer>>, reading: AbortController): Promise<void> {
    const [reader, events] = [body.pipeThrough(new TextDecoderStream()).getReader(), new EventReader()]
    this.#attempts = 0
    this.#lostAt = null
    this.#tell({ kind: 'live' })
    for (;;) {
      const { done, value } = await reader.read()
      if (done || this.#reading !== reading) return
      this.#listen(reading)
      for (const event of events.read(value)) {
        if (event.kind === 'beat') continue
        this.#lastId = event.id || this.#lastId
        this.#tell({ kind: 'event', name: event.name, data: JSON.parse(event.data) })
      }
    }
  }

  /** Gives it up where nothing is heard for too long. */
  #listen(reading: AbortController): void {
    clearTimeout(this.#alarm)
    this.#alarm = setTimeout(() => reading.abort(), silence)
  }

  #lose(): void {
    this.stop()
    const wait = waits[Math.min(this.#attempts, waits.length - 1)] ?? 0
    this.#attempts += 1
    this.#lostAt ??= Date.now()
    this.#tell({ kind: 'lost', since: this.#lostAt, nextTry: Date.now() + wait })
    this.#later(wait)
  }
}
