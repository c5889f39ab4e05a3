import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import type { ModuleCode } from '../schemas/common.ts'
import type { Cleanup } from './cleanup.ts'
import { openCleanup } from './cleanup.ts'
import { accepted, expectForm, isRefused } from './expect.ts'
import { Unobservable } from './failures.ts'
import type { Ledger } from './ledger.ts'
import { openLedger } from './ledger.ts'
import type { Target } from './target.ts'
import { trackCalls } from './tracking.ts'

/** What a check works with: the target, and things made there that are taken away again. */
export interface Workbench {
  readonly target: Target
  /** What else is to be undone is noted here before it is done. */
  readonly ledger: Ledger
  /** Takes away what was made. */
  readonly cleanup: Cleanup
  /** As the target's, and what it makes there is owed before it is sent: a device, a lock, a record. */
  readonly call: Target['call']
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
export interface WorkbenchOptions extends Pick<Workbench, 'target' | 'pause'> {
  /** Waits to take something away from a target that throttles, also once the run is interrupted. */
  readonly rest?: (millis: number) => Promise<void>
  /** Told why work under a lock fails, before the lock is released. */
  readonly failing?: (error: unknown) => void
}

/** Ids alone: what is wrong with the rest of an answer is for the check that is about it. */
const WithDevice = Type.Object({ data: Type.Object({ deviceId: Type.String() }) })
const WithLock = Type.Object({ data: Type.Object({ lockId: Type.String() }) })
const WithRecord = Type.Object({ data: Type.Object({ recordId: Type.String() }) })

export function layWorkbench({ target, pause, rest = wait, failing }: WorkbenchOptions): Workbench {
  const words = new Set<string>()
  const word = () => {
    const made = `v${randomBytes(12).toString('hex')}`
    words.add(made)
    return made
  }
  const ledger = openLedger()
  const call = trackCalls(target, ledger, (code) => /v[0-9a-f]{24}/g.exec(code)?.some((one) => words.has(one)) === true)
  const cleanup = openCleanup({ call, now: target.now }, ledger, rest)

  async function device(): Promise<string> {
    const body = { machineCode: word(), deviceName: 'verify', deviceOS: 'verify' }
    const answer = await call('bindDevice', { body })
    accepted(answer, 'binding a device')
    return expectForm(WithDevice, answer.json).data.deviceId
  }

  async function locked<Result>(moduleCode: ModuleCode, work: (lockId: string) => Promise<Result>): Promise<Result> {
    const answer = await call('createBackupLock', { body: { moduleCode } })
    if (isRefused(answer))
      throw new Unobservable(`the lock of module ${moduleCode} was not given: another client may hold it`)
    const { lockId } = expectForm(WithLock, answer.json).data
    try {
      return await work(lockId).catch((error: unknown) => {
        failing?.(error)
        throw error
      })
    } finally {
      await call('releaseBackupLock', { lockId })
    }
  }

  async function record(lockId: string, moduleCode: ModuleCode, deviceId: string): Promise<string> {
    const answer = await call('createBackupRecord', { lockId, body: { moduleCode, deviceId } })
    accepted(answer, 'creating a record')
    return expectForm(WithRecord, answer.json).data.recordId
  }

  return { target, ledger, cleanup, pause, call, word, device, locked, record }
}
