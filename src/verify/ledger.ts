/** What a run made at the target, so that it can be taken away again. */
export interface Ledger {
  /** Notes how to undo what is about to be, or was just, made. Returns how to forget it, once it is gone anyway. */
  owe(what: string, undo: () => Promise<void>): () => void
  /** Undoes all that is owed, the newest first. Returns what could not be undone, a sentence each. */
  settle(): Promise<string[]>
}

export function openLedger(): Ledger {
  const debts = new Map<symbol, { readonly what: string; readonly undo: () => Promise<void> }>()
  return {
    owe(what, undo) {
      const key = Symbol(what)
      debts.set(key, { what, undo })
      return () => debts.delete(key)
    },
    async settle() {
      const left: string[] = []
      for (const [key, { what, undo }] of [...debts].reverse()) {
        debts.delete(key)
        await undo().catch((error: unknown) => left.push(`${what}: ${error instanceof Error ? error.message : error}`))
      }
      return left
    },
  }
}
