import * as config from './config.ts'
import * as device from './device.ts'
import * as file from './file.ts'
import * as lock from './lock.ts'
import * as record from './record.ts'
import * as scope from './scope.ts'

/** Every operation of the emulated API, by its id. */
export const contracts = {
  bindDevice: device.bindDevice,
  listBoundDevice: device.listBoundDevice,
  unbindDevice: device.unbindDevice,
  batchAddBackupScope: scope.batchAddBackupScope,
  batchDeleteBackupScope: scope.batchDeleteBackupScope,
  listBackupScope: scope.listBackupScope,
  updateConfigInfo: config.updateConfigInfo,
  getConfigInfo: config.getConfigInfo,
  listConfigInfos: config.listConfigInfos,
  createBackupLock: lock.createBackupLock,
  renewalBackupLock: lock.renewalBackupLock,
  releaseBackupLock: lock.releaseBackupLock,
  createBackupRecord: record.createBackupRecord,
  getBackupRecord: record.getBackupRecord,
  listBackupRecord: record.listBackupRecord,
  completeBackup: record.completeBackup,
  deleteBackupRecord: record.deleteBackupRecord,
  createBackupFile: file.createBackupFile,
  listBackupFile: file.listBackupFile,
  getMultipartUploadUrl: file.getMultipartUploadUrl,
  completeFile: file.completeFile,
} as const

export type Contracts = typeof contracts
export type OperationId = keyof Contracts

/** What the journal, faults and the review call the request that brings the part of an upload (UPL-5), which has no contract. */
export const uploadPart = 'uploadPart'

/** Everything that a request can be about. */
export const operationNames: readonly string[] = [...Object.keys(contracts), uploadPart]
