import { TargetLost } from './target-lost.ts'

/** What a run made at the target, so that it can be taken away again. */
export interface Ledger {
  /** Notes how to undo what is about to be, or was just, made. Returns how to forget it, once it is gone anyway. */
  owe(what: string, undo: () => Promise<void>): () => void
  /** What is still to be undone, a sentence each. */
  owed(): string[]
  /** Undoes all that is owed, the newest first. Returns what could not be undone, a sentence each. */
  settle(): Promise<string[]>
}

/** After so many losses nothing further is tried: each may take as long as the patience with the target is. */
const mostLosses = 2

export function openLedger(): Ledger {
  const debts = new Map<symbol, { readonly what: string; readonly undo: () => Promise<void> }>()

  async function defectOf(undo: () => Promise<void>): Promise<{ readonly error: unknown } | undefined> {
    try {
      await undo()
      return undefined
    } catch (error) {
      return { error }
    }
  }

  return {
    owe(what, undo) {
      const key = Symbol(what)
      debts.set(key, { what, undo })
      return () => debts.delete(key)
    },
    owed: () => [...debts.values()].map(({ what }) => what),
    async settle() {
      const left: string[] = []
      let losses = 0
      for (const [key, { what, undo }] of [...debts].reverse()) {
        const defect = losses < mostLosses ? await defectOf(undo) : { error: 'the server was lost' }
        debts.delete(key)
        if (!defect) continue
        const { error } = defect
        if (error instanceof TargetLost) losses += 1
        left.push(`${what}: ${error instanceof Error ? error.message : error}`)
      }
      return left
    },
  }
}
