import type { Debt } from './debts.ts'
import { sentenceOf } from './debts.ts'

/** What a run made at the target or may have made there, so that it can be taken away again. */
export interface Ledger {
  /** Notes what is about to be made. */
  owe<One extends Debt>(debt: One): One
  /** Notes that it was not made after all, or is gone. */
  forget(debt: Debt): void
  /** Notes that the target says it took away what has this id. */
  undone(kind: Debt['kind'], id: string | undefined): void
  all(): readonly Debt[]
  /** All that is owed of one kind. */
  debts<Kind extends Debt['kind']>(kind: Kind): Extract<Debt, { kind: Kind }>[]
  /** What is still to be undone, a sentence each. */
  owed(): string[]
}

export function openLedger(): Ledger {
  const debts = new Set<Debt>()
  const all = () => [...debts]
  return {
    all,
    owe(debt) {
      debts.add(debt)
      return debt
    },
    forget: (debt) => void debts.delete(debt),
    undone(kind, id) {
      for (const debt of debts) if (debt.kind === kind && debt.id === id && id !== undefined) debt.isUndone = true
    },
    debts: <Kind extends Debt['kind']>(kind: Kind) =>
      all().filter((debt): debt is Extract<Debt, { kind: Kind }> => debt.kind === kind),
    owed() {
      const due = all().filter((debt) => debt.state !== undefined || !debt.isUndone)
      return [...new Set(due.filter((debt) => !('isRefused' in debt)).map(sentenceOf))]
    },
  }
}
