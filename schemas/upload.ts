import { Type } from '@sinclair/typebox'
import { IssuedId, NoPayload } from './common.ts'
import { inWords, largestPart, lastNumber, linkSeconds, smallestPart } from './upload-limits.ts'

/** UPL-3: a part as a client asks for its link. What an answer has beside, such as `uploadUrl`, is ignored in a request. */
export const AskedPart = Type.Object(
  {
    partNumber: Type.Integer({ minimum: 1, maximum: lastNumber, 'x-facts': ['UPL-3'] }),
    partSize: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: largestPart,
        'x-facts': ['UPL-3', 'DEC-35'],
        description: `at least ${inWords(smallestPart)}, but for the last part; mandatory where the length of the file was announced`,
      }),
    ),
    partOffset: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        'x-facts': ['UPL-3', 'DEC-37'],
        description:
          'bytes before this part: in parallel uploads alone, where all parts but the last are multiples of 64',
      }),
    ),
    hashCtx: Type.Optional(
      Type.Array(Type.Integer({ 'x-facts': ['UPL-3', 'DEC-38'] }), {
        'x-facts': ['UPL-3', 'DEC-38'],
        description:
          'eight numbers of 32 bits: the state of SHA-256 after everything before this part; mandatory in parallel uploads for every part but the first',
      }),
    ),
  },
  { title: 'AskedPart', 'x-facts': ['UPL-3'], 'x-ignored': ['uploadUrl', 'partId'] },
)

/** UPL-3: a part with its link. */
export const MultiPartInfo = Type.Object(
  {
    ...AskedPart.properties,
    uploadUrl: Type.String({
      description: `PUT the part here; of all headers, Content-Length alone is needed. The address lives ${inWords(linkSeconds)} seconds, and the part's size is signed`,
    }),
    partId: Type.String(),
  },
  { title: 'MultiPartInfo' },
)

/** Any upload's file, whether or not there is one. */
const FileId = Type.String({
  minLength: 1,
  maxLength: 64,
  examples: ['FiqNTAYdzXtKhenh29A9EXJvhaKQqcYVS'],
  'x-facts': ['UPL-4', 'UPL-6', 'DEC-43'],
})

/** DEC-34: a digest of a whole file, and the fact that names it. */
export const sha256Of = (fact: 'FIL-1' | 'UPL-6') =>
  Type.String({ pattern: '^[0-9a-fA-F]{64}$', 'x-facts': [fact, 'DEC-34'] })

/** UPL-4. */
export const UploadUrlBody = Type.Object({
  fileId: FileId,
  multiParts: Type.Array(AskedPart, {
    minItems: 1,
    maxItems: lastNumber,
    examples: [[{ partNumber: 2, partSize: 10_485_760 }]],
    'x-facts': ['UPL-4', 'DEC-36'],
  }),
})

/** UPL-4: by number. */
export const UploadUrlPayload = Type.Object({ multiParts: Type.Array(MultiPartInfo) })

/** UPL-6. */
export const CompleteFileBody = Type.Object({ fileId: FileId, sha256: Type.Optional(sha256Of('UPL-6')) })

export const CompleteFilePayload = NoPayload

/** UPL-2: what the sibling of createBackupFile takes beside what the backup page names (FIL-1). */
export const siblingBody = {
  createdTime: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$',
      examples: ['2023-08-18T05:43:49Z'],
      'x-facts': ['UPL-2'],
    }),
  ),
  description: Type.Optional(Type.String({ maxLength: 512, 'x-facts': ['UPL-2'] })),
  length: Type.Optional(Type.Integer({ minimum: 0, maximum: 200 * 2 ** 30, 'x-facts': ['FIL-1', 'UPL-2', 'DEC-35'] })),
  uploadMode: Type.Optional(Type.Literal('multipart', { 'x-facts': ['UPL-2'] })),
  uploadType: Type.Optional(Type.Literal(1, { 'x-facts': ['UPL-2'] })),
  autoRename: Type.Optional(
    Type.Union([Type.Literal(2), Type.Literal(3), Type.Literal(4)], { 'x-facts': ['UPL-2', 'DEC-34'] }),
  ),
  multiParts: Type.Optional(Type.Array(AskedPart, { maxItems: lastNumber, 'x-facts': ['UPL-2', 'DEC-35'] })),
}

/** UPL-2: what createBackupFile answers. */
export const CreatedFile = Type.Object({
  fileId: IssuedId,
  rapidUpload: Type.Boolean(),
  containerId: Type.String(),
  fileName: Type.String(),
  uploadId: Type.Optional(Type.String({ description: 'absent where nothing is to be uploaded' })),
  parentFolder: Type.Array(Type.String()),
  exist: Type.Boolean(),
  multiParts: Type.Array(MultiPartInfo),
})
