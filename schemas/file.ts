import { Type } from '@sinclair/typebox'
import { Instant, IssuedId, nextCursor, pageQuery } from './common.ts'
import { operation } from './operation.ts'
import { RecordParams } from './record.ts'

/** FIL-1: none of `< > | : " * ? /`, and neither `.` nor `..`. */
const FileName = Type.String({
  pattern: '^(?!\\.{1,2}$)[^<>|:"*?/]{1,250}$',
  examples: ['letter.txt'],
  'x-facts': ['FIL-1'],
})

const Sha256 = Type.String({ pattern: '^[0-9a-fA-F]{64}$', 'x-facts': ['FIL-1', 'DEC-29'] })

/** DEC-29: where and which part of a file is to be uploaded. */
export const UploadPart = Type.Object(
  {
    partNumber: Type.Integer({ minimum: 1 }),
    partSize: Type.Integer({ minimum: 0 }),
    partOffset: Type.Integer({ minimum: 0 }),
    uploadUrl: Type.String({
      description: 'PUT the content here; none of the headers is needed, and any content type is taken',
      'x-facts': ['DEC-29'],
    }),
  },
  { title: 'UploadPart' },
)

/** FIL-2. */
export const BackupFile = Type.Object(
  {
    fileId: IssuedId,
    fileName: FileName,
    sha256: Sha256,
    size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    description: Type.String(),
    createTime: Instant,
  },
  { title: 'BackupFile' },
)

export const createBackupFile = operation({
  id: 'createBackupFile',
  method: 'POST',
  path: '/record/{recordId}/file',
  summary: 'Add a file to an open record; answers where to upload it',
  // The rest of the body and the whole answer were never seen; they are taken from the sibling API.
  standing: 'inferred',
  facts: ['FIL-1', 'COM-6', 'DEC-26', 'DEC-27', 'DEC-29'],
  lock: true,
  params: RecordParams,
  body: Type.Object({
    fileName: FileName,
    description: Type.Optional(Type.String()),
    mimeType: Type.Optional(Type.String()),
    fileType: Type.Optional(Type.String()),
    parentFolder: Type.Optional(Type.Array(Type.String(), { 'x-facts': ['FIL-1', 'DEC-29'] })),
    sha256: Type.Optional(Sha256),
    length: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, 'x-facts': ['FIL-1'] })),
  }),
  payload: Type.Object({
    fileId: IssuedId,
    fileName: FileName,
    parentFolder: Type.Array(Type.String()),
    exist: Type.Boolean(),
    rapidUpload: Type.Boolean(),
    uploadId: Type.String(),
    multiParts: Type.Array(UploadPart),
  }),
  refusals: ['notFound', 'recordCompleted', 'duplicateFile'],
})

export const listBackupFile = operation({
  id: 'listBackupFile',
  method: 'GET',
  path: '/record/{recordId}/files',
  summary: "List a record's files by the page, oldest first",
  standing: 'documented',
  facts: ['FIL-2', 'COM-6', 'DEC-26', 'DEC-28', 'DEC-29'],
  params: RecordParams,
  query: Type.Object(pageQuery('FIL-2')),
  payload: Type.Object({ data: Type.Array(BackupFile), nextCursor }),
  refusals: ['notFound'],
})
