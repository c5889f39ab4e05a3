import type { Answer, Call } from '../target.ts'
import type { Workbench } from '../workbench.ts'

/** A backup under way. */
export interface Backup {
  /** Of module 102. */
  readonly lockId: string
  readonly deviceId: string
  readonly recordId: string
}

/** Does something with a fresh record, and deletes it; where that fails, the record remains owed. @throws Unobservable where another client holds the lock */
export async function withRecord(bench: Workbench, work: (backup: Backup) => Promise<void>): Promise<void> {
  const deviceId = await bench.device()
  await bench.locked('102', async (lockId) => {
    const recordId = await bench.record(lockId, '102', deviceId)
    await work({ lockId, deviceId, recordId })
    await bench.call('deleteBackupRecord', { lockId, params: { recordId } })
  })
}

/** Completes a record, with the documented body unless told otherwise. */
export const complete = ({ call }: Workbench, { lockId, recordId }: Backup, more: Call = {}): Promise<Answer> =>
  call('completeBackup', { lockId, params: { recordId }, body: {}, ...more })

/** Announces a file of a record. */
export const announceFile = ({ call }: Workbench, { lockId, recordId }: Backup, body: object): Promise<Answer> =>
  call('createBackupFile', { lockId, params: { recordId }, body })
