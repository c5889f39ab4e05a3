import { hash } from 'node:crypto'
import type { Database } from './database.ts'
import type { IssuedId } from './snowflake.ts'
import { isoInstant, millisOf } from './snowflake.ts'
import { statement, writing } from './statement.ts'

/** FIL-2. */
export interface FileEntity {
  readonly fileId: string
  readonly fileName: string
  readonly sha256: string
  readonly size: number
  readonly description: string
  readonly createTime: string
}

export interface NewFile {
  readonly recordId: string
  readonly name: string
  readonly parent: string
  readonly description: string
  readonly mimeType: string
  readonly fileType: string
  /** What is announced or, for a file that needs no upload, known; `null` where nothing is. */
  readonly sha256: string | null
  readonly size: number | null
  /** `null` for a file that needs no upload. */
  readonly uploadId: string | null
}

/** What an upload has to agree with. */
export interface Announced {
  readonly sha256: string | null
  readonly size: number | null
}

interface FileRow {
  file_id: string
  name: string
  sha256: string
  size: number
  description: string
}

const fileEntity = (row: FileRow): FileEntity => ({
  fileId: row.file_id,
  fileName: row.name,
  sha256: row.sha256,
  size: row.size,
  description: row.description,
  createTime: isoInstant(millisOf(BigInt(row.file_id))),
})

/** Where in a record a file is; the length keeps the folder apart from the name. */
const placeOf = ({ parent, name }: Pick<NewFile, 'parent' | 'name'>): Buffer =>
  hash('sha256', `${parent.length}:${parent}${name}`, 'buffer').subarray(0, 16)

export type Files = ReturnType<typeof filesIn>

/** Files of records: what is known of them, none of their bytes (DEC-29). */
export function filesIn(database: Database) {
  const insert = writing<
    [Omit<NewFile, 'recordId'> & { fileId: bigint; record: bigint; place: Buffer; finished: number }]
  >(
    database,
    `INSERT INTO file (file_id, record, name, parent, place_digest, description, mime_type, file_type, sha256, size, upload_id, finished)
     VALUES (:fileId, :record, :name, :parent, :place, :description, :mimeType, :fileType, :sha256, :size, :uploadId, :finished)
     ON CONFLICT (record, place_digest) DO NOTHING`,
  )
  const isKnown = statement<[string, number, string]>(
    database,
    `SELECT 1 FROM file JOIN record ON record.record_id = file.record
     WHERE sha256 = ? AND size = ? AND finished = 1 AND user_id = ? LIMIT 1`,
  )
  const findUpload = statement<[string], Announced>(
    database,
    'SELECT sha256, size FROM file WHERE upload_id = ? AND finished = 0',
  )
  const finish = writing<[string, number, string]>(
    database,
    'UPDATE file SET sha256 = ?, size = ?, finished = 1 WHERE upload_id = ? AND finished = 0',
  )
  const list = statement<[bigint, bigint, number], FileRow>(
    database,
    `SELECT CAST(file_id AS TEXT) AS file_id, name, sha256, size, description FROM file
     WHERE record = ? AND finished = 1 AND file.file_id > ? ORDER BY file.file_id LIMIT ?`,
  )
  return {
    /** Says whether the record had no such file in this folder before. */
    add(issued: IssuedId, { recordId, ...file }: NewFile): boolean {
      const finished = file.uploadId === null ? 1 : 0
      const place = placeOf(file)
      return insert({ ...file, fileId: issued.id, record: BigInt(recordId), place, finished }).changes === 1
    },
    /** Whether the user has a finished file of this content. */
    isKnown: (userId: string, sha256: string, size: number): boolean =>
      isKnown().get(sha256, size, userId) !== undefined,
    /** What an upload that is still to be finished has to agree with. */
    findUpload: (uploadId: string): Announced | undefined => findUpload().get(uploadId),
    /** Says whether this call finished the upload; of two at once, one does. */
    finish: (uploadId: string, sha256: string, size: number): boolean => finish(sha256, size, uploadId).changes === 1,
    /** Finished files after an id, oldest first. */
    list: (recordId: string, after: bigint, limit: number): FileEntity[] =>
      list().all(BigInt(recordId), after, limit).map(fileEntity),
  }
}
