import { catalogue } from '../../src/errors.ts'
import type { RecordDebt } from '../debts.ts'
import { isDone, isRefused } from '../expect.ts'
import type { Answer } from '../target.ts'
import type { Attempt } from './attempt.ts'
import { recordsOf } from './record-list.ts'

/** Deletes records. Gone is what is refused as not being there when it is viewed, or what a list has no more. */
export async function cleanUpRecords(attempt: Attempt): Promise<void> {
  for (const debts of attempt.due('record', ({ moduleCode }) => moduleCode)) {
    const all = [...debts]
    for (const debt of debts) if (debt.id === undefined) all.push(...(await found(attempt, debt)))
    for (const debt of all) if (debt.id !== undefined) await deleteRecord(attempt, debt, debt.id)
  }
}

async function deleteRecord({ ask, ledger }: Attempt, debt: RecordDebt, recordId: string): Promise<void> {
  const why = debt.isUndone ? '' : await remove()
  const { answer } = await ask('getBackupRecord', { user: debt.user, params: { recordId } })
  const isListed = answer && isAbsence(answer) ? false : (await recordsOf(ask, debt))?.includes(recordId)
  if (isListed || (answer && isDone(answer))) debt.state = { isThere: true, why }
  else if (isListed === false) ledger.forget(debt)

  /** Deletes it under the locks that are still held, or under one that is taken for it. */
  async function remove(): Promise<string> {
    const { user, moduleCode } = debt
    const held = () => ledger.debts('lock').filter((lock) => isOf(lock) && !lock.isUndone)
    const isOf = (lock: { readonly user: string; readonly moduleCode: string }) =>
      lock.user === user && lock.moduleCode === moduleCode
    const { said = '' } = held().length > 0 ? {} : await ask('createBackupLock', { user, body: { moduleCode } })
    let why = `the lock of module ${moduleCode} was answered ${said}`
    for (const { id: lockId } of held())
      if (lockId !== undefined && !debt.isUndone)
        why = (await ask('deleteBackupRecord', { user, lockId, params: { recordId } })).said
    return why
  }
}

/** The records of a device of this run, one of which was asked for without an answer. */
async function found({ ask, ledger }: Attempt, debt: RecordDebt): Promise<RecordDebt[]> {
  const ids = await recordsOf(ask, debt)
  if (!ids) return []
  ledger.forget(debt)
  const known = new Set(ledger.debts('record').map(({ id }) => id))
  const unknown = ids.filter((id) => !known.has(id))
  return unknown.map((id) => ledger.owe({ ...debt, id, isUndone: false }))
}

/** COM-13. */
const isAbsence = (answer: Answer): boolean => isRefused(answer) && Object(answer.json).code === catalogue.notFound.code
