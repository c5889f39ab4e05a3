import { hash } from 'node:crypto'
import type { Database } from './database.ts'
import type { NewId } from './snowflake.ts'
import { isoInstant, millisIn, parseId } from './snowflake.ts'
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
  readonly userId: string
  readonly recordId: string
  readonly name: string
  readonly parent: string
  readonly description: string
  readonly mimeType: string
  readonly fileType: string
  readonly createdTime: string
  /** What is announced or, for a file that needs no upload, known; `null` where nothing is. */
  readonly sha256: string | null
  readonly size: number | null
  /** `null` for a file that needs no upload. */
  readonly uploadId: string | null
}

/** Where in a record a file is. */
export type Place = Pick<NewFile, 'recordId' | 'parent' | 'name'>

/** A file as its upload knows it. */
export interface UploadEntity {
  readonly fileId: string
  readonly name: string
  readonly parent: string
  readonly recordId: string
  /** `""` where it needed none. */
  readonly uploadId: string
  readonly isFinished: boolean
  /** What was announced or, of a finished one, what came. */
  readonly length: number | undefined
  readonly sha256: string | undefined
}

interface FileRow {
  file_id: string
  name: string
  sha256: string
  size: number
  description: string
  issued: number
}

interface UploadRow {
  file_id: string
  name: string
  parent: string
  record_id: string
  upload_id: string | null
  finished: number
  size: number | null
  sha256: string | null
}

const fileEntity = (row: FileRow): FileEntity => ({
  fileId: row.file_id,
  fileName: row.name,
  sha256: row.sha256,
  size: row.size,
  description: row.description,
  createTime: isoInstant(row.issued),
})

const uploadEntity = (row: UploadRow): UploadEntity => ({
  fileId: row.file_id,
  name: row.name,
  parent: row.parent,
  recordId: row.record_id,
  uploadId: row.upload_id ?? '',
  isFinished: row.finished === 1,
  length: row.size ?? undefined,
  sha256: row.sha256 ?? undefined,
})

/** The length keeps the folder apart from the name. */
const digestOf = ({ parent, name }: Pick<Place, 'parent' | 'name'>): Buffer =>
  hash('sha256', `${parent.length}:${parent}${name}`, 'buffer').subarray(0, 16)

export type Files = ReturnType<typeof filesIn>

/** Files of records: what is known of them, none of their bytes (DEC-29). */
export function filesIn(database: Database) {
  const insert = writing<
    [Omit<NewFile, 'recordId'> & { fileId: bigint; record: bigint; place: Buffer; finished: number }]
  >(
    database,
    `INSERT INTO file (file_id, user_id, record, name, parent, place_digest, description, mime_type, file_type, created_time, sha256, size, upload_id, finished)
     VALUES (:fileId, :userId, :record, :name, :parent, :place, :description, :mimeType, :fileType, :createdTime, :sha256, :size, :uploadId, :finished)`,
  )
  const isKnown = statement<[string, string, number]>(
    database,
    'SELECT 1 FROM file WHERE user_id = ? AND sha256 = ? AND size = ? AND finished = 1 LIMIT 1',
  )
  const hasUpload = statement<[string]>(database, 'SELECT 1 FROM file WHERE upload_id = ?')
  const uploads = `SELECT CAST(file_id AS TEXT) AS file_id, name, parent, CAST(record AS TEXT) AS record_id, upload_id,
    finished, size, sha256 FROM file`
  const at = statement<[bigint, Buffer], UploadRow>(database, `${uploads} WHERE record = ? AND place_digest = ?`)
  const own = statement<[bigint, string], UploadRow>(database, `${uploads} WHERE file.file_id = ? AND user_id = ?`)
  const open = statement<[string], UploadRow>(database, `${uploads} WHERE upload_id = ? AND finished = 0`)
  const announce = writing<[number | null, string | null, bigint]>(
    database,
    'UPDATE file SET size = ?, sha256 = ? WHERE file_id = ?',
  )
  const finish = writing<[string, number, bigint]>(
    database,
    'UPDATE file SET sha256 = ?, size = ?, finished = 1 WHERE file_id = ?',
  )
  const dropPlan = writing<[bigint]>(database, 'DELETE FROM part WHERE file = ?')
  const dropStored = writing<[bigint]>(database, 'DELETE FROM stored_part WHERE file = ?')
  const list = statement<[bigint, bigint, number], FileRow>(
    database,
    `SELECT CAST(file_id AS TEXT) AS file_id, name, sha256, size, description, ${millisIn('file_id')} AS issued FROM file
     WHERE record = ? AND finished = 1 AND file.file_id > ? ORDER BY file.file_id LIMIT ?`,
  )
  const entity = (row: UploadRow | undefined): UploadEntity | undefined => row && uploadEntity(row)
  return {
    /** Into a place that is free. */
    add(issued: NewId, { recordId, ...file }: NewFile): void {
      const finished = file.uploadId === null ? 1 : 0
      insert({ ...file, fileId: issued.id, record: BigInt(recordId), place: digestOf(file), finished })
    },
    /** Whether the user has a finished file of this content. */
    isKnown: (userId: string, sha256: string, size: number): boolean =>
      isKnown().get(userId, sha256, size) !== undefined,
    /** Whether any file, of whichever user, has or had this upload. */
    hasUpload: (uploadId: string): boolean => hasUpload().get(uploadId) !== undefined,
    /** The file that has a place. */
    at: (place: Place): UploadEntity | undefined => entity(at().get(BigInt(place.recordId), digestOf(place))),
    /** A file of a user. */
    own(userId: string, fileId: string): UploadEntity | undefined {
      const id = parseId(fileId)
      return id === undefined ? undefined : entity(own().get(id, userId))
    },
    /** The file of an upload that is not finished. */
    open: (uploadId: string): UploadEntity | undefined => entity(open().get(uploadId)),
    /** What an open upload is to become. */
    announce: (file: bigint, { length, sha256 }: Pick<UploadEntity, 'length' | 'sha256'>): void =>
      void announce(length ?? null, sha256 ?? null, file),
    /** Lists it from now on, as what it became; its parts are forgotten. */
    finish(file: bigint, sha256: string, size: number): void {
      finish(sha256, size, file)
      dropPlan(file)
      dropStored(file)
    },
    /** Finished files after an id, oldest first. */
    list: (recordId: string, after: bigint, limit: number): FileEntity[] =>
      list().all(BigInt(recordId), after, limit).map(fileEntity),
  }
}
