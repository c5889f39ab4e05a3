import type { OpenUpload, PlannedPart, StoredPart } from '../uploads/parts.ts'
import type { Database } from './database.ts'
import { only, statement, writing } from './statement.ts'

interface PartRow {
  number: number
  offset: number
  size: number | null
  hash_ctx: string | null
  placed: number
  offered: number
}

interface StoredRow {
  number: number
  size: number
  etag: string
  has_hash_ctx: number
  start: string | null
  end: string | null
  sha256: string | null
}

const plannedPart = (row: PartRow): PlannedPart => ({
  partNumber: row.number,
  partOffset: row.offset,
  partSize: row.size ?? undefined,
  hashCtx: row.hash_ctx ?? undefined,
  isPlaced: row.placed === 1,
  isOffered: row.offered === 1,
})

const storedPart = ({ size, etag, has_hash_ctx, start, end, sha256 }: StoredRow): StoredPart => ({
  size,
  etag,
  hasHashCtx: has_hash_ctx === 1,
  digest: start === null || end === null || sha256 === null ? undefined : { start, end, sha256 },
})

const byNumber = (rows: readonly StoredRow[]): ReadonlyMap<number, StoredPart> =>
  new Map(rows.map((row) => [row.number, storedPart(row)]))

/** Parts of open uploads, as they are announced and as they came; files are named by their ids. */
export const partsIn = (database: Database) => ({
  ...readingIn(database),
  ...planningIn(database),
  ...storingIn(database),
  ...ownersIn(database),
})

function readingIn(database: Database) {
  const plan = statement<[bigint], PartRow>(database, 'SELECT * FROM part WHERE file = ? ORDER BY number')
  const stored = statement<[bigint], StoredRow>(database, 'SELECT * FROM stored_part WHERE file = ? ORDER BY number')
  const lastTwo = statement<[bigint, number], PartRow>(
    database,
    'SELECT * FROM part WHERE file = ? AND number <= ? ORDER BY number DESC LIMIT 2',
  )
  const findStored = statement<[bigint, number, number], StoredRow>(
    database,
    'SELECT * FROM stored_part WHERE file = ? AND number IN (?, ?)',
  )
  return {
    /** All parts of an upload. */
    of: (file: bigint, length: number | undefined): OpenUpload => ({
      length,
      parts: plan().all(file).map(plannedPart),
      stored: byNumber(stored().all(file)),
    }),
    /** The same with no other parts than one of this number and the one before it, as far as they are there. */
    around(file: bigint, length: number | undefined, partNumber: number): OpenUpload {
      const parts = lastTwo().all(file, partNumber).map(plannedPart).reverse()
      const [one = 0, other = 0] = parts.map((part) => part.partNumber)
      return { length, parts, stored: byNumber(findStored().all(file, one, other)) }
    },
  }
}

function planningIn(database: Database) {
  const put = writing<[Omit<PartRow, 'hash_ctx'> & { file: bigint; hashCtx: string | null }]>(
    database,
    `INSERT INTO part (file, number, offset, size, hash_ctx, placed, offered)
     VALUES (:file, :number, :offset, :size, :hashCtx, :placed, :offered)
     ON CONFLICT DO UPDATE SET offset = excluded.offset, size = excluded.size, hash_ctx = excluded.hash_ctx,
     placed = excluded.placed, offered = excluded.offered`,
  )
  const withdraw = writing<[bigint, number]>(database, 'DELETE FROM part WHERE file = ? AND number = ?')
  return {
    /** Makes a plan that was read another one; parts that are the same objects in both are not written. */
    replan(file: bigint, before: readonly PlannedPart[], after: readonly PlannedPart[]): void {
      const kept = new Set(before)
      const numbers = new Set(after.map(({ partNumber }) => partNumber))
      for (const { partNumber } of before) if (!numbers.has(partNumber)) withdraw(file, partNumber)
      for (const part of after) {
        if (kept.has(part)) continue
        put({
          file,
          number: part.partNumber,
          offset: part.partOffset,
          size: part.partSize ?? null,
          hashCtx: part.hashCtx ?? null,
          placed: Number(part.isPlaced),
          offered: Number(part.isOffered),
        })
      }
    },
  }
}

function storingIn(database: Database) {
  const store = writing<[Omit<StoredRow, 'has_hash_ctx'> & { file: bigint; hasHashCtx: number }]>(
    database,
    `INSERT INTO stored_part (file, number, size, etag, has_hash_ctx, start, end, sha256)
     VALUES (:file, :number, :size, :etag, :hasHashCtx, :start, :end, :sha256)
     ON CONFLICT DO UPDATE SET size = excluded.size, etag = excluded.etag, has_hash_ctx = excluded.has_hash_ctx,
     start = excluded.start, end = excluded.end, sha256 = excluded.sha256`,
  )
  const drop = writing<[bigint, number]>(database, 'DELETE FROM stored_part WHERE file = ? AND number = ?')
  const outdate = writing<[bigint, number]>(
    database,
    'UPDATE stored_part SET start = NULL, end = NULL, sha256 = NULL WHERE file = ? AND number = ?',
  )
  return {
    /** A part came; it takes the place of what came of it before. */
    store(file: bigint, number: number, { size, etag, hasHashCtx, digest }: StoredPart): void {
      const { start = null, end = null, sha256 = null } = digest ?? {}
      store({ file, number, size, etag, hasHashCtx: Number(hasHashCtx), start, end, sha256 })
    },
    /** Forgets what came of these parts. */
    drop(file: bigint, numbers: readonly number[]): void {
      for (const number of numbers) drop(file, number)
    },
    /** Takes away the digests of these parts, which must come again. */
    outdate(file: bigint, numbers: readonly number[]): void {
      for (const number of numbers) outdate(file, number)
    },
  }
}

function ownersIn(database: Database) {
  const find = statement<[bigint], { userId: string }>(database, 'SELECT user_id AS userId FROM file WHERE file_id = ?')
  return {
    /** Whose a file is. */
    ownerOf: (file: bigint): string => only(find(), file).userId,
  }
}
