import type { Contracts } from '../../schemas/index.ts'
import type { PayloadOf } from '../../schemas/operation.ts'
import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'
import { deviceForReading, deviceForWriting } from './device.ts'
import { liveLock, requireModule } from './lock.ts'
import { pageOf } from './page.ts'
import type { Rule } from './rule.ts'

type BackupRecord = PayloadOf<Contracts['getBackupRecord']>['data']

/** REC-1, DEC-26: under a live lock of the module, for a device that is bound or adopted. */
export const createBackupRecord: Rule<Contracts['createBackupRecord']> = (world, request) => {
  const { userId, now, body, remark } = request
  const { moduleCode, deviceId, properties = '' } = body
  const lock = liveLock(world, request)
  const device = deviceForWriting(world, { userId, deviceId, now, remark })
  requireModule(lock, moduleCode)
  const issued = world.ids.next(now)
  if (!world.store.records.add(issued, { device, userId, moduleCode, properties })) throw noVersionLeft()
  world.ids.take(issued)
  return { data: findRecord(world, userId, String(issued.id)) }
}

const noVersionLeft = () =>
  refuse('invalid', `body/deviceId: its versions are used up; the last is ${Number.MAX_SAFE_INTEGER} [DEC-27]`)

/** REC-3. */
export const getBackupRecord: Rule<Contracts['getBackupRecord']> = (world, { userId, params: { recordId } }) => ({
  data: findRecord(world, userId, recordId),
})

/** REC-4, DEC-28. */
export const listBackupRecord: Rule<Contracts['listBackupRecord']> = (world, { userId, query }) => {
  const { moduleCode, deviceId } = query
  const device = deviceId === undefined ? undefined : deviceForReading(world, { userId, deviceId })
  const list = ['listBackupRecord', userId, moduleCode, deviceId ?? '']
  return pageOf(
    world,
    list,
    query,
    ({ recordId }) => recordId,
    (after, limit) =>
      deviceId !== undefined && device === undefined
        ? []
        : world.store.records.list({ userId, moduleCode, after, limit }, device?.key),
  )
}

/** REC-5, DEC-27. */
export const completeBackup: Rule<Contracts['completeBackup']> = (world, request) => {
  const record = openRecord(world, request)
  const end = world.ids.notBefore(record.recordId, request.now) // the clock may have been set back since
  world.store.records.complete(record.recordId, end, request.body.properties)
  return {}
}

/** REC-6: at once, and its files with it (DEC-27). */
export const deleteBackupRecord: Rule<Contracts['deleteBackupRecord']> = (world, request) => {
  const record = lockedRecord(world, request)
  world.store.records.remove(record.recordId)
  return {}
}

interface RecordRequest {
  readonly userId: string
  readonly params: { readonly recordId: string }
  readonly lockId: string
  readonly now: number
}

/**
 * A record of this user.
 *
 * @throws Refusal `notFound`
 */
export function findRecord(world: World, userId: string, recordId: string): BackupRecord {
  const record = world.store.records.find(userId, recordId)
  if (record) return record
  throw refuse('notFound', 'path/recordId: this user has no such record [DEC-4]')
}

/**
 * A record under the lock of its module, judged in the order of DEC-26.
 *
 * @throws Refusal `lockNotHeld`, `notFound`
 */
function lockedRecord(world: World, request: RecordRequest): BackupRecord {
  const lock = liveLock(world, request)
  const record = findRecord(world, request.userId, request.params.recordId)
  requireModule(lock, record.moduleCode)
  return record
}

/**
 * The same, not completed yet.
 *
 * @throws Refusal `lockNotHeld`, `notFound`, `recordCompleted`
 */
export function openRecord(world: World, request: RecordRequest): BackupRecord {
  const record = lockedRecord(world, request)
  if (record.endTime === '') return record
  throw refuse('recordCompleted', 'path/recordId: this record is completed and changes no more [DEC-27]')
}
