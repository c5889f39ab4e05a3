import type { Change } from '../../schemas/change.ts'
import type { Entry, NewEntry } from './entry.ts'
import type { Facts } from './facts.ts'

/** Of one journal, where nothing else is said; with more entries it may take as many more bytes. */
const usualEntries = 1000
const usualBytes = 1024 * 1024
/** What an entry takes beside its texts, roughly. */
const frameBytes = 1024

const sizeOf = ({ path, requestHeaders, requestBody, responseBody, facts, changes }: NewEntry): number =>
  frameBytes +
  2 * (path.length + requestBody.text.length + responseBody.text.length + sizeOfFacts(facts) + sizeOfChanges(changes)) +
  lengthOf(requestHeaders)

/** What a change takes beside its texts, roughly. */
const changeBytes = 512

const sizeOfChanges = (changes: NewEntry['changes']): number =>
  (changes ?? []).reduce((sum, { before, after }) => sum + changeBytes + sizeOfFields(before) + sizeOfFields(after), 0)

const sizeOfFields = (fields: Change['before']): number =>
  Object.values(fields ?? {}).reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)

/** Most entries have none: they are kept where a body was cut. */
const sizeOfFacts = (facts: Facts | null): number => (facts ? JSON.stringify(facts).length : 0)

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length, 0)

/**
 * How much all journals of a process may take together: the one that was written to longest ago gives up its oldest entries
 * first.
 */
export class JournalBudget {
  readonly mostEntries: number
  /** In bytes. */
  readonly limit: number
  /** Those that hold something, the one that was written to longest ago first. */
  readonly #journals = new Set<Journal>()
  #bytes = 0
  #begun = 0

  /**
   * @param limit in bytes
   * @param mostEntries of any one journal, which may take 1 MiB for each 1,000, and 1 MiB at least
   */
  constructor(limit: number, mostEntries: number = usualEntries) {
    this.limit = limit
    this.mostEntries = mostEntries
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The number of a journal that begins: no two have the same. */
  begin(): number {
    this.#begun += 1
    return this.#begun
  }

  /** Tells of what a journal took, or gave back where it is negative. */
  charge(journal: Journal, bytes: number): void {
    this.#bytes += bytes
    if (bytes > 0) this.#giveUpOldest(journal)
    else if (journal.entries.length === 0) this.#journals.delete(journal)
  }

  #giveUpOldest(latest: Journal): void {
    this.#journals.delete(latest)
    this.#journals.add(latest)
    for (const journal of this.#journals) {
      while (this.#bytes > this.limit && journal.entries.length > (journal === latest ? 1 : 0)) journal.drop()
      if (this.#bytes <= this.limit) return
    }
  }
}

/** Where among entries in the order of their ids the first stands that is not before this one. */
function placeFor(entries: readonly Entry[], id: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (Number(entries[middle]?.id) < id) low = middle + 1
    else high = middle
  }
  return low
}

/** Everything that a journal is, as plain data. */
export interface JournalState {
  /** Of the entry that comes next. */
  readonly nextId: number
  readonly dropped: number
  readonly restorations: readonly number[]
  readonly entries: readonly Entry[]
}

/** What happened in a world, the newest of it: at most so many exchanges and bytes as its budget says. */
export class Journal {
  /** Which journal it is: the ids of its entries say nothing of those of another. */
  readonly generation: number
  readonly #budget: JournalBudget
  readonly #listeners = new Set<(entry: Entry) => void>()
  #entries: Entry[] = []
  #bytes = 0
  #nextId = 1
  #lastId = 0
  #dropped = 0
  #lastGone = 0
  #restorations: number[] = []

  /** @param before what another journal came to, from where this one goes on */
  constructor(budget: JournalBudget, before?: JournalState) {
    this.#budget = budget
    this.generation = budget.begin()
    for (const entry of before?.entries ?? []) this.#keep({ ...entry })
    if (before === undefined) return
    this.#nextId = before.nextId
    this.#lastId = before.nextId - 1
    this.#dropped += before.dropped
    this.#restorations = [...before.restorations]
  }

  /** Its entries never change; everything else is a copy. What is reserved and not yet there never will be. */
  state(): JournalState {
    const restorations = [...this.#restorations]
    return { nextId: this.#nextId, dropped: this.#dropped, restorations, entries: [...this.#entries] }
  }

  /** The number of an entry that is to be added, for an answer that says it. */
  reserve(): number {
    this.#nextId += 1
    return this.#nextId - 1
  }

  /**
   * Takes an entry over.
   *
   * @param id as it was reserved
   */
  add(entry: NewEntry, id: number = this.reserve()): Entry {
    const added: Entry = Object.assign(entry, { id }) // a copy of so many properties would cost ten times as much
    this.#keep(added)
    for (const listener of this.#listeners) listener(added)
    return added
  }

  /** How many entries are no longer kept because others came. */
  get dropped(): number {
    return this.#dropped
  }

  /** The newest work of the world that changed something and of which an entry told that is no longer kept. */
  get lastGone(): number {
    return this.#lastGone
  }

  /** Of the newest entry that there ever was. */
  get lastId(): number {
    return this.#lastId
  }

  /** The newest entry at each time when the world was put back to another state. */
  get restorations(): readonly number[] {
    return this.#restorations
  }

  noteRestoration(): void {
    if (this.#restorations.at(-1) !== this.lastId) this.#restorations.push(this.lastId)
    const oldest = this.#entries[0]?.id ?? this.#nextId
    // Of those before the oldest entry, the last divides as all of them do.
    this.#restorations.splice(
      0,
      this.#restorations.findLastIndex((id) => id < oldest),
    )
  }

  /** The entry of this number, as long as it is kept. */
  find(id: number): Entry | undefined {
    const entry = this.#entries[placeFor(this.#entries, id)]
    return entry?.id === id ? entry : undefined
  }

  /** Oldest first. */
  get entries(): readonly Entry[] {
    return this.#entries
  }

  /** Forgets its entries. @param upTo the newest of them that is forgotten */
  clear(upTo = Number.POSITIVE_INFINITY): void {
    const forgotten = this.#entries.splice(0, placeFor(this.#entries, upTo + 1))
    for (const entry of forgotten) this.#noteGone(entry)
    const oldest = this.#entries[0]?.id ?? this.#lastId + 1
    this.#dropped = Math.min(this.#dropped, Math.max(0, oldest - 1 - upTo))
    this.#restorations = this.#restorations.filter((id) => id > upTo)
    this.#account(-forgotten.reduce((sum, entry) => sum + sizeOf(entry), 0))
  }

  /** Gives the oldest entry up. */
  drop(): void {
    const oldest = this.#entries.shift()
    if (oldest === undefined) return
    this.#dropped += 1
    this.#noteGone(oldest)
    this.#account(-sizeOf(oldest))
  }

  /** Tells of every entry from now on; returns what ends that. */
  watch(listener: (entry: Entry) => void): () => void {
    const listeners = this.#listeners
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  #keep(entry: Entry): void {
    const { id } = entry
    if (id > this.#lastId) this.#entries.push(entry)
    else this.#entries.splice(placeFor(this.#entries, id), 0, entry)
    this.#lastId = Math.max(this.#lastId, id)
    this.#account(sizeOf(entry))
    const { mostEntries } = this.#budget
    const mostBytes = Math.max(usualBytes, (mostEntries * usualBytes) / usualEntries)
    while (this.#entries.length > mostEntries || (this.#bytes > mostBytes && this.#entries.length > 1)) this.drop()
  }

  /** Exchanges are not always over in the order of their work: one that is still kept may have worked before. */
  #noteGone({ changes, workBefore }: Entry): void {
    if (changes && changes.length > 0) this.#lastGone = Math.max(this.#lastGone, workBefore + 1)
  }

  #account(bytes: number): void {
    this.#bytes += bytes
    this.#budget.charge(this, bytes)
  }
}
