import { Type } from '@sinclair/typebox'
import { familyPath, Instant, IssuedId, nameOf, nextCursor, pageQuery } from './common.ts'
import { operation } from './operation.ts'
import { RecordParams } from './record.ts'
import {
  CompleteFileBody,
  CompleteFilePayload,
  CreatedFile,
  sha256Of,
  siblingBody,
  UploadUrlBody,
  UploadUrlPayload,
} from './upload.ts'
import { longestFileName } from './upload-limits.ts'

/** FIL-1: none of `< > | : " * ? /`, and neither `.` nor `..`. */
const FileName = Type.String({
  pattern: nameOf('[^<>|:"*?/]', '[^<>|:"*?/.]', longestFileName),
  examples: ['letter.txt'],
  'x-facts': ['FIL-1'],
})

const Sha256 = sha256Of('FIL-1')

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
  summary: 'Add a file to an open record; answers where to upload its parts',
  // The tail of the body and the answer were not seen; they are taken from the sibling API.
  standing: 'inferred',
  facts: [
    'FIL-1',
    'UPL-1',
    'UPL-2',
    'UPL-3',
    'COM-6',
    'DEC-26',
    'DEC-27',
    'DEC-29',
    'DEC-33',
    'DEC-34',
    'DEC-35',
    'DEC-37',
  ],
  lock: true,
  params: RecordParams,
  body: Type.Object({
    fileName: FileName,
    mimeType: Type.Optional(Type.String({ 'x-facts': ['FIL-1'] })),
    fileType: Type.Optional(Type.String({ 'x-facts': ['FIL-1'] })),
    parentFolder: Type.Optional(Type.Array(Type.String({ 'x-facts': ['FIL-1'] }), { 'x-facts': ['FIL-1', 'DEC-29'] })),
    sha256: Type.Optional(Sha256),
    ...siblingBody,
  }),
  payload: CreatedFile,
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

export const getMultipartUploadUrl = operation({
  id: 'getMultipartUploadUrl',
  method: 'POST',
  base: familyPath,
  path: '/files/multipart/uploadUrl',
  summary: 'Get links for parts of an open upload',
  standing: 'documented',
  facts: ['UPL-3', 'UPL-4', 'UPL-5', 'DEC-33', 'DEC-35', 'DEC-36', 'DEC-37', 'DEC-38', 'DEC-39', 'DEC-43'],
  body: UploadUrlBody,
  payload: UploadUrlPayload,
  refusals: ['noUpload'],
})

export const completeFile = operation({
  id: 'completeFile',
  method: 'POST',
  base: familyPath,
  path: '/files/complete',
  summary: 'Say that all parts of a file are there',
  standing: 'documented',
  facts: ['UPL-6', 'UPL-7', 'DEC-40', 'DEC-42', 'DEC-43'],
  body: CompleteFileBody,
  payload: CompleteFilePayload,
  successMsg: 'success.',
  refusals: ['noUpload', 'integrity'],
})
