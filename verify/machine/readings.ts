import type { Static, TObject } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { NoPayload } from '../../schemas/common.ts'
import { ConfigInfo, SimpleConfigInfo } from '../../schemas/config.ts'
import { BoundDeviceEntity } from '../../schemas/device.ts'
import { BackupFile, createBackupFile, getMultipartUploadUrl } from '../../schemas/file.ts'
import type { OperationId } from '../../schemas/index.ts'
import { BackupRecord, listBackupRecord } from '../../schemas/record.ts'
import { ScopeAddFailedInfo, ScopeInfo } from '../../schemas/scope.ts'
import type { StatementId } from '../../schemas/statements.ts'

/** How the last page says that it is the last was never seen (REC-4): null would do as well. */
const nextCursor = Type.Optional(Type.Union([listBackupRecord.payload.properties.nextCursor, Type.Null()]))
const placed = ['localPath', 'targetFolderPath'] as const

const Device = Type.Composite([
  Type.Pick(BoundDeviceEntity, ['deviceId']),
  Type.Partial(Type.Pick(BoundDeviceEntity, ['deviceName', 'deviceOS'])),
])
const Scope = Type.Pick(ScopeInfo, ['scopeId', ...placed])
const Config = Type.Pick(ConfigInfo, ['configName', 'configValue'])
const Record = Type.Composite([
  Type.Pick(BackupRecord, ['recordId', 'moduleCode', 'status', 'properties', 'version']),
  Type.Object({ deviceInfo: Type.Pick(BoundDeviceEntity, ['deviceId']) }),
])

/** What steps read of an answer. Of the contract's form no more: whole forms are for the checks of the suite. */
export const readings = {
  bindDevice: Type.Object({ data: Device }),
  listBoundDevice: Type.Object({ data: Type.Array(Device) }),
  unbindDevice: Type.Object({ data: Device }),
  batchAddBackupScope: Type.Object({
    scopeList: Type.Array(Scope),
    failedScopeList: Type.Array(Type.Pick(ScopeAddFailedInfo, [...placed])),
  }),
  batchDeleteBackupScope: Type.Object({ scopeIdList: Type.Array(Type.String()) }),
  listBackupScope: Type.Object({ scopeList: Type.Array(Scope) }),
  updateConfigInfo: Type.Object({ data: Type.Pick(SimpleConfigInfo, ['configValue']) }),
  getConfigInfo: Type.Object({ data: Config }),
  listConfigInfos: Type.Object({ data: Type.Array(Config) }),
  createBackupLock: Type.Object({ data: Type.Object({ lockId: Type.String() }) }),
  renewalBackupLock: NoPayload,
  releaseBackupLock: NoPayload,
  createBackupRecord: Type.Object({ data: Record }),
  getBackupRecord: Type.Object({ data: Record }),
  listBackupRecord: Type.Object({ data: Type.Array(Record), nextCursor }),
  completeBackup: NoPayload,
  deleteBackupRecord: NoPayload,
  createBackupFile: Type.Pick(createBackupFile.payload, ['fileId', 'multiParts']),
  listBackupFile: Type.Object({ data: Type.Array(Type.Pick(BackupFile, ['fileName'])), nextCursor }),
  getMultipartUploadUrl: Type.Pick(getMultipartUploadUrl.payload, ['multiParts']),
  completeFile: NoPayload,
} as const satisfies Record<OperationId, TObject>

export type Reading<Id extends OperationId> = Static<(typeof readings)[Id]>

/** What says that an honest request goes well. */
export const grounds: Readonly<Record<OperationId, StatementId>> = {
  bindDevice: 'DEV-2',
  listBoundDevice: 'DEV-3',
  unbindDevice: 'DEV-4',
  batchAddBackupScope: 'SCO-3',
  batchDeleteBackupScope: 'SCO-5',
  listBackupScope: 'SCO-6',
  updateConfigInfo: 'CFG-2',
  getConfigInfo: 'CFG-3',
  listConfigInfos: 'CFG-4',
  createBackupLock: 'LOC-1',
  renewalBackupLock: 'LOC-2',
  releaseBackupLock: 'LOC-3',
  createBackupRecord: 'REC-2',
  getBackupRecord: 'REC-3',
  listBackupRecord: 'REC-4',
  completeBackup: 'REC-5',
  deleteBackupRecord: 'REC-6',
  createBackupFile: 'DEC-29',
  listBackupFile: 'FIL-2',
  getMultipartUploadUrl: 'UPL-4',
  completeFile: 'UPL-6',
}
