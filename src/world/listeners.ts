/** Those who want to hear of something. */
export class Listeners<Subject> {
  readonly #all = new Set<(subject: Subject) => void>()

  /** Returns what ends it. */
  add(listener: (subject: Subject) => void): () => void {
    const own = (subject: Subject) => listener(subject)
    this.#all.add(own)
    return () => void this.#all.delete(own)
  }

  tell(subject: Subject): void {
    for (const listener of this.#all) listener(subject)
  }
}
