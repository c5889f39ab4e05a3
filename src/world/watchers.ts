import type { Entry } from '../journal/entry.ts'
import type { Journal } from '../journal/journal.ts'

type Watcher = (entry: Entry, journal: Journal) => void

/** Those who watch a name, whichever world bears it. */
export class Watchers {
  readonly #byName = new Map<string, Set<Watcher>>()

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** Returns what takes it away again. */
  add(name: string, watcher: Watcher): () => void {
    const watchers = this.#byName.get(name) ?? new Set()
    this.#byName.set(name, watchers.add(watcher))
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0 && this.#byName.get(name) === watchers) this.#byName.delete(name)
    }
  }

  tell(name: string, entry: Entry, journal: Journal): void {
    for (const watcher of this.#byName.get(name) ?? []) watcher(entry, journal)
  }
}
