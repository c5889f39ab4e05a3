import type { Contracts } from '../../schemas/index.ts'
import { refuse } from '../errors.ts'
import type { NewFile } from '../store/files.ts'
import type { World } from '../world/world.ts'
import { pageOf } from './page.ts'
import { findRecord, openRecord } from './record.ts'
import type { Rule, RuleRequest } from './rule.ts'

type CreateFile = Contracts['createBackupFile']

/** DEC-29: a file has one part. */
const onlyPart = 1

/** FIL-1, DEC-29: a content that the user has uploaded before needs no upload. */
export const createBackupFile: Rule<CreateFile> = (world, request) => {
  const record = openRecord(world, request)
  const isKnown = isKnownContent(world, request)
  const uploadId = isKnown ? null : world.random.uuid()
  const file = describeFile(request, record.recordId, uploadId)
  const issued = world.ids.next(request.now)
  if (!world.store.files.add(issued, file)) {
    throw refuse('duplicateFile', 'body/fileName: the record has a file of this name in this folder already [DEC-29]')
  }
  world.ids.take(issued)
  return {
    fileId: String(issued.id),
    fileName: file.name,
    parentFolder: [file.parent],
    exist: false,
    rapidUpload: isKnown,
    uploadId: uploadId ?? '',
    multiParts: uploadId === null ? [] : [partOf(request, uploadId)],
  }
}

function isKnownContent(world: World, { userId, body: { sha256, length } }: RuleRequest<CreateFile>): boolean {
  if (sha256 === undefined || length === undefined) return false
  return world.store.files.isKnown(userId, sha256.toLowerCase(), length)
}

function describeFile({ body }: RuleRequest<CreateFile>, recordId: string, uploadId: string | null): NewFile {
  const { fileName, description = '', mimeType = '', fileType = '', parentFolder = [], sha256, length } = body
  const [parent = 'root'] = parentFolder
  const content = { sha256: sha256?.toLowerCase() ?? null, size: length ?? null }
  return { recordId, name: fileName, parent, description, mimeType, fileType, ...content, uploadId }
}

const partOf = ({ body, uploadUrl }: RuleRequest<CreateFile>, uploadId: string) => ({
  partNumber: onlyPart,
  partSize: body.length ?? 0,
  partOffset: 0,
  uploadUrl: uploadUrl(uploadId, onlyPart),
})

/** FIL-2, DEC-28: files whose upload is finished. */
export const listBackupFile: Rule<Contracts['listBackupFile']> = (world, { userId, params: { recordId }, query }) => {
  const record = findRecord(world, userId, recordId)
  return pageOf(
    world,
    ['listBackupFile', userId, record.recordId],
    query,
    ({ fileId }) => fileId,
    (after, limit) => world.store.files.list(record.recordId, after, limit),
  )
}
