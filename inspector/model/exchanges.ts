import type { Summary, SummaryList } from '../../schemas/journal.ts'

/** So many rows are kept; the journal keeps fewer. */
export const mostKept = 5000

/**
 * The exchanges of one world as the page has heard of them, oldest first. Ids are counted from one in each generation, so those
 * of another generation are others.
 */
export class Exchanges {
  /** `null` before anything is known. */
  generation: number | null = null
  /** How many the journal no longer keeps. */
  dropped = 0
  /** The newest exchange at each time when the world was put back to another state. */
  restorations: readonly number[] = []
  #rows: Summary[] = []
  /** The newest that is shown while the view is paused. */
  #pausedAt: number | null = null

  /** Those that are shown. */
  get shown(): readonly Summary[] {
    const end = this.#pausedAt
    return end === null ? this.#rows : this.#rows.filter(({ id }) => id <= end)
  }

  get all(): readonly Summary[] {
    return this.#rows
  }

  get isPaused(): boolean {
    return this.#pausedAt !== null
  }

  /** How many came since it was paused. */
  get waiting(): number {
    return this.#rows.length - this.shown.length
  }

  get lastId(): number {
    return this.#rows.at(-1)?.id ?? 0
  }

  find(id: number): Summary | undefined {
    return this.#rows.find((row) => row.id === id)
  }

  /**
   * Takes rows, in whatever order and however often they come.
   *
   * @returns how many of them are new
   */
  add(generation: number, rows: readonly Summary[]): number {
    if (this.#isPast(generation)) return 0
    if (generation !== this.generation) this.begin(generation)
    const last = this.lastId
    const known = new Set(this.#rows.map(({ id }) => id))
    const fresh = rows.filter(({ id }) => !known.has(id))
    const isInOrder = fresh.every(({ id }, index) => id > (fresh[index - 1]?.id ?? last))
    const all = [...this.#rows, ...fresh]
    this.#rows = (isInOrder ? all : all.toSorted((one, other) => one.id - other.id)).slice(-mostKept)
    return fresh.length
  }

  #isPast(generation: number): boolean {
    return this.generation !== null && generation < this.generation
  }

  /** Begins anew: the journal did. */
  begin(generation: number): void {
    this.generation = generation
    this.dropped = 0
    this.clear()
    this.#pausedAt &&= 0
  }

  /**
   * Takes what the journal answered, whole or from one on.
   *
   * @param known the newest that was known when all was asked for; 0 where it was asked for what came after one
   */
  read(generation: number, { requests, dropped, restorations }: SummaryList, known: number): void {
    if (this.#isPast(generation)) return
    this.add(generation, requests)
    // Between those that it has given up and the oldest that it keeps, there is none but what was forgotten.
    const oldest = requests[0]?.id ?? (dropped > 0 ? 0 : Number.POSITIVE_INFINITY)
    this.clear(Math.min(known, oldest - 1 - dropped))
    this.dropped = dropped
    this.restorations = restorations
  }

  /** The journal forgot its entries up to one; ids go on. */
  clear(upTo = Number.POSITIVE_INFINITY): void {
    const isKept = (id: number) => id > upTo
    this.#rows = this.#rows.filter(({ id }) => isKept(id))
    this.restorations = this.restorations.filter(isKept)
  }

  pause(): void {
    this.#pausedAt ??= this.lastId
  }

  resume(): void {
    this.#pausedAt = null
  }
}

/** A row of the list: an exchange, or what happened between two. */
export type Row =
  | { readonly kind: 'exchange'; readonly summary: Summary }
  | { readonly kind: 'moved'; readonly before: number; readonly by: number }

/** From when on it is shown that the state clock was moved, in milliseconds. */
const noticeable = 1000

/** By how much the state clock was moved between two exchanges, whatever passed meanwhile; 0 where that is too little to be shown. */
export function movedBetween(before: Summary, after: Summary): number {
  const by = after.clockMoved - before.clockMoved
  return Math.abs(by) < noticeable ? 0 : by
}

/** What the list shows: the exchanges, and a row wherever the state clock was moved. */
export function rowsOf(summaries: readonly Summary[]): Row[] {
  const rows: Row[] = []
  let before: Summary | undefined
  for (const summary of summaries) {
    const by = before ? movedBetween(before, summary) : 0
    if (by !== 0) rows.push({ kind: 'moved', before: summary.id, by })
    rows.push({ kind: 'exchange', summary })
    before = summary
  }
  return rows
}
