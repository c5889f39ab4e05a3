import type { Contracts } from '../../schemas/index.ts'
import * as config from './config.ts'
import * as device from './device.ts'
import * as file from './file.ts'
import * as lock from './lock.ts'
import * as record from './record.ts'
import type { Rule } from './rule.ts'
import * as scope from './scope.ts'
import * as upload from './upload.ts'

export type Rules = { readonly [Id in keyof Contracts]: Rule<Contracts[Id]> }

/** The rule of every operation; one missing or of the wrong shape does not compile. */
export const rules: Rules = {
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
  getMultipartUploadUrl: upload.getMultipartUploadUrl,
  completeFile: upload.completeFile,
}
