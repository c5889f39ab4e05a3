import type { OperationId } from '../schemas/index.ts'
import type { Debt } from './debts.ts'
import { isDone, isRefused } from './expect.ts'
import { mayHaveArrived } from './failures.ts'
import type { Ledger } from './ledger.ts'
import type { Answer, Call, Target } from './target.ts'

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The id of what an operation takes away. */
const takenAway: Partial<Record<OperationId, (call: Call) => readonly [Debt['kind'], string | undefined]>> = {
  unbindDevice: ({ params }) => ['device', params?.['deviceId']],
  releaseBackupLock: ({ lockId }) => ['lock', lockId],
  deleteBackupRecord: ({ params }) => ['record', params?.['recordId']],
}

/**
 * Calls a target, and owes what a call makes there before it is sent: its answer may be lost.
 *
 * @param isOwn whether a machine code is of this run alone, so that a device can be known by it
 */
export function trackCalls(target: Target, ledger: Ledger, isOwn: (machineCode: string) => boolean): Target['call'] {
  const ownDevices = new Set<unknown>()

  /** What a call is about to make. Its name of the id, and the debt as far as one can be seen without an answer. */
  function debtOf(operation: OperationId, { body, user = target.userId }: Call): Debt | undefined {
    const { machineCode, moduleCode, deviceId } = Object(body)
    const owed = { user, isUndone: false }
    if (operation === 'bindDevice') return { kind: 'device', machineCode: textOf(machineCode), ...owed }
    if (operation === 'createBackupLock') return { kind: 'lock', moduleCode: `${textOf(moduleCode)}`, ...owed }
    if (operation === 'createBackupRecord')
      return { kind: 'record', moduleCode: `${textOf(moduleCode)}`, deviceId: `${textOf(deviceId)}`, ...owed }
    return undefined
  }

  /** Whether it could be found again, or would be missed, if no answer came. */
  function isTraceable(debt: Debt): boolean {
    if (debt.kind === 'device') return debt.machineCode !== undefined && isOwn(debt.machineCode)
    return debt.kind === 'lock' || ownDevices.has(debt.deviceId)
  }

  function note(debt: Debt, answer: Answer): void {
    const made = textOf(Object(Object(answer.json).data)[`${debt.kind}Id`])
    if (made !== undefined) {
      debt.id = made
      ledger.owe(debt)
      if (debt.kind === 'device') ownDevices.add(made)
    } else if (isRefused(answer)) {
      if (debt.kind === 'device') debt.isRefused = true
      else ledger.forget(debt)
    }
  }

  return async (operation, call = {}) => {
    const debt = debtOf(operation, call)
    if (debt && isTraceable(debt)) ledger.owe(debt)
    try {
      const answer = await target.call(operation, call)
      if (debt) note(debt, answer)
      if (isDone(answer)) ledger.undone(...(takenAway[operation]?.(call) ?? ['device', undefined]))
      return answer
    } catch (error) {
      if (debt && !mayHaveArrived(error)) ledger.forget(debt)
      throw error
    }
  }
}
