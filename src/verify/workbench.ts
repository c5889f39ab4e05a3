import { randomBytes } from 'node:crypto'
import type { ModuleCode } from '../../schemas/common.ts'
import { Unobservable } from './check.ts'
import { isRefused, succeeded } from './expect.ts'
import type { Ledger } from './ledger.ts'
import type { Answer, Target } from './target.ts'

/** What a check works with: the target, and things made there that are taken away again. */
export interface Workbench {
  readonly target: Target
  readonly ledger: Ledger
  /** A word of letters and digits that was never used before, at most 32 long. */
  word(): string
  /** Binds a device that nobody else uses. Returns its id. */
  device(): Promise<string>
  /** Does something under the lock of a module, and releases it. @throws Unobservable where another client holds it */
  locked<Result>(moduleCode: ModuleCode, work: (lockId: string) => Promise<Result>): Promise<Result>
  /** Creates a record of a device under a lock. Returns its id. */
  record(lockId: string, moduleCode: ModuleCode, deviceId: string): Promise<string>
  /** Waits; rejects at once where the run is interrupted. */
  pause(millis: number): Promise<void>
}

/** What a workbench is made of. */
export interface Surroundings extends Pick<Workbench, 'target' | 'ledger' | 'pause'> {
  /** Told why work under a lock fails, before the lock is released. */
  readonly failing?: (error: unknown) => void
}

export function layWorkbench({ target, ledger, pause, failing }: Surroundings): Workbench {
  const word = () => `v${randomBytes(12).toString('hex')}`

  async function device(): Promise<string> {
    const answer = await target.call('bindDevice', {
      body: { machineCode: word(), deviceName: 'verify', deviceOS: 'verify' },
    })
    const { deviceId } = succeeded('bindDevice', answer).data
    ledger.owe(`device ${deviceId} is still bound`, () => gone(target.call('unbindDevice', { params: { deviceId } })))
    return deviceId
  }

  async function take(moduleCode: ModuleCode): Promise<string> {
    const answer = await target.call('createBackupLock', { body: { moduleCode } })
    if (isRefused(answer))
      throw new Unobservable(`the lock of module ${moduleCode} was not given: another client may hold it`)
    return succeeded('createBackupLock', answer).data.lockId
  }

  async function locked<Result>(moduleCode: ModuleCode, work: (lockId: string) => Promise<Result>): Promise<Result> {
    const lockId = await take(moduleCode)
    const release = () => gone(target.call('releaseBackupLock', { lockId }))
    const forget = ledger.owe(`the lock of module ${moduleCode} is still held`, release)
    try {
      return await work(lockId)
    } catch (error) {
      failing?.(error)
      throw error
    } finally {
      await release()
      forget()
    }
  }

  async function record(lockId: string, moduleCode: ModuleCode, deviceId: string): Promise<string> {
    const answer = await target.call('createBackupRecord', { lockId, body: { moduleCode, deviceId } })
    const { recordId } = succeeded('createBackupRecord', answer).data
    const params = { recordId }
    ledger.owe(`record ${recordId} is still there`, () =>
      locked(moduleCode, (fresh) => gone(target.call('deleteBackupRecord', { lockId: fresh, params }))),
    )
    return recordId
  }

  return { target, ledger, pause, word, device, locked, record }
}

/** What is refused as not being there is gone as well. */
async function gone(answered: Promise<Answer>): Promise<void> {
  const answer = await answered
  if (answer.status >= 500 || answer.status === 401)
    throw new Error(`HTTP ${answer.status} ${answer.text.slice(0, 200)}`)
}
