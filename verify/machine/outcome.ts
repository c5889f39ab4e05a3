import { Interrupted } from '../failures.ts'
import type { Workbench } from '../workbench.ts'
import type { Model } from './model.ts'
import { heldLock } from './model.ts'
import type { Failure } from './script.ts'
import { Abandoned, Mismatch } from './sequence-run.ts'

/**
 * Takes away what a run made, and says what came of the run.
 *
 * @param outcome what it threw, or `undefined`
 * @throws the same, where that is no mismatch
 */
export async function conclude(
  outcome: unknown,
  workbench: Workbench,
  model: Model,
  scriptOf: (mismatch: Mismatch) => string,
): Promise<Failure | undefined> {
  const failure = outcome instanceof Mismatch ? { mismatch: outcome, script: scriptOf(outcome) } : undefined
  const hindrance =
    outcome instanceof Interrupted ? outcome : await tidy(workbench, model).catch((error: unknown) => error)
  if (failure) return failure
  const thrown = outcome instanceof Abandoned ? hindrance : (outcome ?? hindrance)
  if (thrown) throw thrown
  return undefined
}

/** Records first, because they need a lock. What else was made, by a server that does what it should refuse, stays owed. */
async function tidy({ call, locked }: Workbench, model: Model): Promise<void> {
  for (const { id: recordId, moduleCode, status } of model.records) {
    if (status === 'deleted') continue
    const lock = heldLock(model, moduleCode)
    const remove = (lockId: string) => call('deleteBackupRecord', { lockId, params: { recordId } })
    await (lock ? remove(lock.id) : locked(moduleCode, remove))
  }
  for (const { id: lockId, isLive } of model.locks) if (isLive) await call('releaseBackupLock', { lockId })
  for (const { id: deviceId, isBound } of model.devices)
    if (isBound) await call('unbindDevice', { params: { deviceId } })
}
