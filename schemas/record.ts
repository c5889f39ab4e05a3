import { FormatRegistry, Type } from '@sinclair/typebox'
import { Instant, IssuedId, ModuleCode, NoPayload, nextCursor, PathId, pageQuery } from './common.ts'
import { BoundDeviceEntity } from './device.ts'
import { operation } from './operation.ts'

FormatRegistry.Set('json', (text) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
})

/** REC-1, DEC-27: a text that is JSON itself. */
const Properties = Type.String({
  format: 'json',
  contentMediaType: 'application/json',
  examples: ['{"note":"first"}'],
  'x-facts': ['REC-1', 'DEC-27'],
})

/** REC-2. Open until it is completed, `endTime` is `""` so long (DEC-27); nothing is ever seen being deleted. */
export const BackupRecord = Type.Object(
  {
    recordId: IssuedId,
    moduleCode: ModuleCode,
    status: Type.Integer({ minimum: 0, maximum: 2, description: '0 new, 1 completed, 2 to be deleted' }),
    properties: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    createTime: Instant,
    endTime: Type.Union([Instant, Type.Literal('')]),
    deviceInfo: BoundDeviceEntity,
  },
  { title: 'BackupRecord' },
)

export const RecordParams = Type.Object({ recordId: PathId })

export const createBackupRecord = operation({
  id: 'createBackupRecord',
  method: 'POST',
  path: '/record',
  summary: 'Begin a backup: a record of one device and module',
  standing: 'documented',
  facts: ['REC-1', 'REC-2', 'COM-6', 'DEC-16', 'DEC-26', 'DEC-27'],
  lock: true,
  body: Type.Object({ moduleCode: ModuleCode, deviceId: PathId, properties: Type.Optional(Properties) }),
  payload: Type.Object({ data: BackupRecord }),
  refusals: ['notFound'],
})

export const getBackupRecord = operation({
  id: 'getBackupRecord',
  method: 'GET',
  path: '/record/{recordId}',
  summary: 'View a record',
  standing: 'documented',
  facts: ['REC-2', 'REC-3', 'COM-6', 'DEC-26'],
  params: RecordParams,
  payload: Type.Object({ data: BackupRecord }),
  refusals: ['notFound'],
})

export const listBackupRecord = operation({
  id: 'listBackupRecord',
  method: 'GET',
  path: '/record',
  summary: "List a module's records by the page, oldest first",
  // Order and the last page's cursor were never seen.
  standing: 'inferred',
  facts: ['REC-2', 'REC-4', 'DEC-16', 'DEC-28'],
  query: Type.Object({ moduleCode: ModuleCode, deviceId: Type.Optional(PathId), ...pageQuery('REC-4') }),
  payload: Type.Object({ data: Type.Array(BackupRecord), nextCursor }),
  refusals: ['notFound'],
})

export const completeBackup = operation({
  id: 'completeBackup',
  method: 'PATCH',
  path: '/record/{recordId}',
  summary: 'Complete a record',
  standing: 'documented',
  facts: ['REC-5', 'COM-6', 'DEC-26', 'DEC-27'],
  lock: true,
  params: RecordParams,
  body: Type.Object({ properties: Type.Optional(Properties) }),
  payload: NoPayload,
  refusals: ['notFound', 'recordCompleted'],
})

export const deleteBackupRecord = operation({
  id: 'deleteBackupRecord',
  method: 'DELETE',
  path: '/record/{recordId}',
  summary: 'Delete a record, its files with it',
  standing: 'documented',
  facts: ['REC-6', 'COM-6', 'DEC-26', 'DEC-27'],
  lock: true,
  params: RecordParams,
  payload: NoPayload,
  refusals: ['notFound'],
})
