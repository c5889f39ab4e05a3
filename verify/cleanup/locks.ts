import type { LockDebt } from '../debts.ts'
import type { Attempt } from './attempt.ts'

/**
 * Releases locks. No request shows a lock: gone is one whose release was accepted, and one in whose place another was
 * given, which is released in turn.
 */
export async function cleanUpLocks({ ask, ledger, due }: Attempt): Promise<void> {
  for (const debts of due('lock', ({ moduleCode }) => moduleCode)) await releaseAll(debts)

  async function releaseAll(debts: readonly LockDebt[]): Promise<void> {
    const said = new Map<LockDebt, string>()
    for (const debt of debts) if (!debt.isUndone && debt.id !== undefined) said.set(debt, await release(debt, debt.id))
    const [held] = debts.filter(({ isUndone }) => !isUndone)
    const other = held && (await takeAndRelease(held))
    for (const debt of debts) {
      if (debt.isUndone || other?.isTaken) ledger.forget(debt)
      else debt.state = { isThere: false, why: said.get(debt) ?? `another was answered ${other?.said}` }
    }
  }

  async function release({ user }: LockDebt, lockId: string): Promise<string> {
    return (await ask('releaseBackupLock', { user, lockId })).said
  }

  async function takeAndRelease({ user, moduleCode }: LockDebt) {
    const known = new Set(ledger.debts('lock'))
    const { said } = await ask('createBackupLock', { user, body: { moduleCode } })
    const [taken] = ledger.debts('lock').filter((debt) => !known.has(debt))
    if (taken?.id !== undefined) taken.state = { isThere: false, why: await release(taken, taken.id) }
    // What was asked for in vain is the same lock once more.
    if (taken && (taken.isUndone || taken.id === undefined)) ledger.forget(taken)
    return { said, isTaken: taken?.id !== undefined }
  }
}
