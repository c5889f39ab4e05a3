import type { ModuleCode } from '../../schemas/common.ts'
import type { OperationId } from '../../schemas/index.ts'
import { isDone } from './expect.ts'
import type { Ledger } from './ledger.ts'
import type { Answer, Call, Target } from './target.ts'

/** How what an operation made is taken away again. */
interface Making {
  /** The name of its id in the answer. */
  readonly id: 'deviceId' | 'lockId' | 'recordId'
  readonly left: string
  readonly undo: (id: string, call: Call) => Promise<Answer>
}

/** The id of what an operation took away. */
const takenAway: Partial<Record<OperationId, (call: Call) => string | undefined>> = {
  unbindDevice: ({ params }) => params?.['deviceId'],
  releaseBackupLock: ({ lockId }) => lockId,
  deleteBackupRecord: ({ params }) => params?.['recordId'],
}

/**
 * Calls a target, and owes at once what a call makes there.
 *
 * @param removeRecord deletes a record under a lock of its module
 */
export function keepAccount(
  target: Target,
  ledger: Ledger,
  removeRecord: (recordId: string, moduleCode: ModuleCode) => Promise<Answer>,
): Target['call'] {
  const makings: Partial<Record<OperationId, Making>> = {
    bindDevice: {
      id: 'deviceId',
      left: 'is still bound',
      undo: (deviceId, { user = target.userId }) => target.call('unbindDevice', { user, params: { deviceId } }),
    },
    createBackupLock: {
      id: 'lockId',
      left: 'is still held',
      undo: (lockId, { user = target.userId }) => target.call('releaseBackupLock', { user, lockId }),
    },
    createBackupRecord: {
      id: 'recordId',
      left: 'is still there',
      undo: (recordId, { body }) => removeRecord(recordId, Object(body).moduleCode),
    },
  }
  const debts = new Map<unknown, () => void>()

  function owe({ id, left, undo }: Making, call: Call, answer: Answer): void {
    const made = Object(Object(answer.json).data)[id]
    if (typeof made !== 'string' || debts.has(made)) return
    debts.set(
      made,
      ledger.owe(`${id} ${made} ${left}`, () => gone(undo(made, call))),
    )
  }

  return async (operation, call = {}) => {
    const answer = await target.call(operation, call)
    const making = makings[operation]
    if (making) owe(making, call, answer)
    if (isDone(answer)) debts.get(takenAway[operation]?.(call))?.()
    return answer
  }
}

/** What is refused as not being there is gone as well. @throws Error where it may still be there */
async function gone(answered: Promise<Answer>): Promise<void> {
  const { status, text } = await answered
  if (status >= 500 || status === 401) throw new Error(`HTTP ${status} ${text.slice(0, 200)}`)
}
