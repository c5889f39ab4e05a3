import type { Change } from '../../schemas/change.ts'
import type { NotedRows } from '../store/row-changes.ts'
import type { Store } from '../store/store.ts'
import type { Owners } from './changes.ts'
import { changesOf } from './changes.ts'

/** A piece of work that was done whole. */
export interface DoneWork {
  /** It was the so-manieth of its world. */
  readonly order: number
  /** `null` where nobody noted them. */
  readonly changes: readonly Change[] | null
  /** How many more there were. */
  readonly omitted: number
}

/** How much work was done, and the newest piece of it that nobody noted. */
export interface NotedWork {
  readonly order: number
  readonly lastUnknown: number
}

/** So much work is kept of which no entry of the journal tells. */
const mostPending = 1000

/**
 * What the work that is done in a world changes, in the order in which it was done. It outlives that the world is put back to
 * another state: what was done before then has nothing to do with what is there now.
 */
export class ChangeNotes {
  readonly #devices = new Map<number, ReturnType<Owners['device']>>()
  /** Work of which no entry tells: its exchange is not over yet, or somebody else did it. */
  readonly #pending = new Map<number, DoneWork>()
  #latest: DoneWork
  #lastUnknown: number
  #lastRestored = 0

  /** @param before how far the notes of the world came in another process */
  constructor({ order, lastUnknown }: NotedWork = { order: 0, lastUnknown: 0 }) {
    this.#latest = { order, changes: null, omitted: 0 }
    this.#lastUnknown = lastUnknown
  }

  /** How far they have come; of what no entry tells, nothing is known elsewhere. */
  state(): NotedWork {
    const { order } = this.#latest
    return { order, lastUnknown: Math.max(this.#lastUnknown, ...this.#pending.keys()) }
  }

  /** The newest piece of work. */
  get latest(): DoneWork {
    return this.#latest
  }

  /** The newest piece of work that nobody noted though it wrote something, or after which the world was put back. */
  get lastUnknown(): number {
    return this.#lastUnknown
  }

  /** When the world was put back last; 0 where it never was, or in another process. */
  get lastRestored(): number {
    return this.#lastRestored
  }

  /** Work of which no entry tells, oldest first. */
  get pending(): Iterable<DoneWork> {
    return this.#pending.values()
  }

  /** A piece of work was done. */
  add(store: Store, hasWritten: boolean): void {
    const noted = store.rowChanges.take()
    const order = this.#latest.order + 1
    const changes = noted && changesOf(noted.rows, this.#ownersOf(noted, store))
    this.#latest = { order, changes, omitted: noted?.omitted ?? 0 }
    if (changes && changes.length > 0) this.#keep(this.#latest)
    if ((changes === null && hasWritten) || this.#latest.omitted > 0) this.#lastUnknown = order
  }

  /** The exchange of a piece of work is over, and its entry has the changes. */
  settle({ order }: DoneWork): void {
    this.#pending.delete(order)
  }

  /** The world was put back to another state. */
  noteRestoration(): void {
    this.#lastUnknown = this.#latest.order + 1
    this.#lastRestored = this.#lastUnknown
    this.#latest = { order: this.#lastUnknown, changes: null, omitted: 0 }
    this.#pending.clear()
    this.#devices.clear()
  }

  #keep(work: DoneWork): void {
    this.#pending.set(work.order, work)
    if (this.#pending.size <= mostPending) return
    const oldest = Math.min(...this.#pending.keys())
    this.#pending.delete(oldest)
    this.#lastUnknown = Math.max(this.#lastUnknown, oldest)
  }

  /** What is gone with its file is known from the file, which is told first. */
  #ownersOf({ rows }: NotedRows, { devices, parts }: Store): Owners {
    const gone = new Map<string, string>()
    for (const { table, before } of rows) if (table === 'file' && before) gone.set(String(before[0]), String(before[1]))
    const device = (key: number) => {
      // A key is given out again only after the work that made it was undone, of which nothing was asked.
      const owner = this.#devices.get(key) ?? devices.ownerOf(key)
      this.#devices.set(key, owner)
      return owner
    }
    return { device, file: (fileId) => gone.get(fileId) ?? parts.ownerOf(BigInt(fileId)) }
  }
}
