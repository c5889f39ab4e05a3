import { Value } from '@sinclair/typebox/value'
import type { ModuleCode } from '../../schemas/common.ts'
import { LockId } from '../../schemas/lock.ts'
import type { StatementId } from '../../schemas/statements.ts'
import { Unobservable } from '../failures.ts'
import type { ModelDevice, ModelLock, ModelRecord } from './model.ts'
import { deviceInSlot, heldLock, newDevice } from './model.ts'
import type { SequenceRun } from './sequence-run.ts'
import { Mismatch } from './sequence-run.ts'

/** DEV-1, DEC-17: a machine code keeps its device while it is bound, and gets another one then. */
export async function bind(session: SequenceRun, slot: number, told: ModelDevice['told']): Promise<ModelDevice> {
  const { model, agree } = session
  const before = deviceInSlot(model, slot)
  const { data } = await session.legal('bindDevice', { body: { machineCode: model.machineCodes[slot], ...told } })
  const known = model.devices.find(({ id }) => id === data.deviceId)
  agree('DEC-17', known === before, 'a machine code keeps its device while it is bound, and not longer')
  const device = known ?? newDevice(model, data.deviceId, slot)
  if (!known) {
    model.devices.push(device)
    session.capture('DEVICE', device.id, '.data.deviceId')
  }
  Object.assign(device.told, told)
  for (const [name, value] of Object.entries(device.told))
    agree('DEC-17', data[name as keyof ModelDevice['told']] === value, `${name} was last said to be "${value}"`)
  return device
}

/** The device in a slot, bound if there is none. */
export const deviceIn = async (session: SequenceRun, slot: number): Promise<ModelDevice> =>
  deviceInSlot(session.model, slot) ?? bind(session, slot, {})

/** LOC-1. A lock that is not given when it should be free may be another client's, unless this run had it before. */
export async function takeLock(session: SequenceRun, moduleCode: ModuleCode): Promise<ModelLock> {
  const before = session.model.locks.filter((lock) => lock.moduleCode === moduleCode)
  const answer = await session.attempt('createBackupLock', { body: { moduleCode } })
  if (!answer && before.length > 0) throw new Mismatch('LOC-3', 'a lock that was released was not given again')
  if (!answer) throw new Unobservable(`the lock of module ${moduleCode} was not given: another client may hold it`)
  const { lockId: id } = answer.data
  session.agree(
    'LOC-1',
    before.every((lock) => lock.id !== id),
    'two locks were given the same id',
  )
  session.agree('LOC-1', Value.Check(LockId, id), `${id} has not the form of a lock id`)
  session.capture('LOCK', id, '.data.lockId')
  return { id, moduleCode, isLive: true }
}

/** The lock of a module, taken if it is free. */
export const lockOf = async (session: SequenceRun, moduleCode: ModuleCode): Promise<ModelLock> =>
  heldLock(session.model, moduleCode) ?? takeLock(session, moduleCode)

/** How an operation under a lock is authorized: `held` is right, nothing else. */
export const claims = [...Array<'held'>(12).fill('held'), 'none', 'unknown', 'released', 'other'] as const
export type Claim = (typeof claims)[number]

/** The lock id that goes with a claim, and what refuses it. */
export interface Authority {
  readonly lockId?: string
  readonly refusal?: StatementId
}

/** COM-6, DEC-26. Where no lock was released yet, or there is no other module, the id is an unknown one. */
export async function authorityOf(session: SequenceRun, claim: Claim, moduleCode: ModuleCode): Promise<Authority> {
  const { modules, locks } = session.model
  if (claim === 'held') return { lockId: (await lockOf(session, moduleCode)).id }
  if (claim === 'none') return { refusal: 'COM-6' }
  const other = modules.find((one) => one !== moduleCode)
  if (claim === 'other' && other) return { lockId: (await lockOf(session, other)).id, refusal: 'DEC-26' }
  const released = locks.find((lock) => lock.moduleCode === moduleCode && !lock.isLive)
  return { lockId: claim === 'released' && released ? released.id : unknownLock(moduleCode), refusal: 'DEC-26' }
}

/** Of the form of a lock's id, and never given. */
export const unknownLock = (moduleCode: ModuleCode): string => `00000000-0000-4000-8000-000000000000@${moduleCode}`

/** REC-1, REC-2, DEC-27. */
export async function createRecord(
  session: SequenceRun,
  device: ModelDevice,
  { id: lockId, moduleCode }: ModelLock,
  properties: string | undefined,
): Promise<ModelRecord> {
  const { model, agree } = session
  const body = { moduleCode, deviceId: device.id, ...(properties !== undefined && { properties }) }
  const { data } = await session.legal('createBackupRecord', { lockId, body })
  session.capture('RECORD', data.recordId, '.data.recordId')
  agree(
    'REC-2',
    model.records.every(({ id }) => id !== data.recordId),
    'two records were given the same id',
  )
  const version = (device.versions.get(moduleCode) ?? 0) + 1
  agree('DEC-27', data.version === version, `version ${version} was due, not ${data.version}`)
  device.versions.set(moduleCode, data.version)
  const record: ModelRecord = {
    id: data.recordId,
    device,
    moduleCode,
    version: data.version,
    properties,
    status: 'open',
    files: [],
    uploads: [],
  }
  model.records.push(record)
  agreeOnRecord(session, record, data)
  return record
}

/** What an answer says of a record. */
interface RecordSeen {
  readonly recordId: string
  readonly moduleCode: string
  readonly status: number
  readonly version: number
  readonly properties: string
  readonly deviceInfo: { readonly deviceId: string }
}

/** REC-2, REC-5. */
export function agreeOnRecord({ agree }: SequenceRun, record: ModelRecord, seen: RecordSeen): void {
  const { device, moduleCode, version, properties, status } = record
  agree('REC-3', seen.recordId === record.id, `record ${record.id} was due, not ${seen.recordId}`)
  agree('REC-1', seen.moduleCode === moduleCode, `the record is of module ${moduleCode}, not ${seen.moduleCode}`)
  agree('REC-1', seen.deviceInfo.deviceId === device.id, 'the record is of another device')
  agree('DEC-27', seen.version === version, `the record's version was ${version}, not ${seen.version}`)
  agree(
    'REC-1',
    properties === undefined || seen.properties === properties,
    'the properties are not those that were sent',
  )
  if (status === 'open') agree('REC-2', seen.status === 0, `status 0 was due, not ${seen.status}`)
  else agree('REC-5', seen.status === 1, `status 1 was due, not ${seen.status}`)
}
