import { largestPart, lastNumber } from '../../schemas/upload-limits.ts'
import type { DigestState } from './hash-ctx.ts'

/** One part of a file as it is announced. */
export interface PlannedPart {
  readonly partNumber: number
  /** Bytes before it: asked for, or what the parts before add up to. */
  readonly partOffset: number
  /** `undefined` while the file's length is not known and no size was asked for (DEC-35). */
  readonly partSize: number | undefined
  /** What its newest link starts from; `undefined` where that has no hashCtx. */
  readonly hashCtx: DigestState | undefined
  /** Whether its offset was given, so that answers carry it (DEC-36). */
  readonly isPlaced: boolean
  /** Whether it is the emulator's own choice, which no client has asked for yet. */
  readonly isOffered: boolean
}

/** The states of SHA-256 around a part. */
export interface PartDigest {
  readonly start: DigestState
  readonly end: DigestState
  /** Of everything up to its end, in hexadecimal. */
  readonly sha256: string
}

/** What is kept of a part that came. */
export interface StoredPart {
  readonly size: number
  /** The MD5 of its bytes, in hexadecimal; S3 has it in `ETag` (DEC-41). */
  readonly etag: string
  /** `undefined` where the state before it was not known, or is no longer true (DEC-40). */
  readonly digest: PartDigest | undefined
  /** Whether it was hashed from the hashCtx of its link, not from the end of the part before (DEC-40). */
  readonly hasHashCtx: boolean
}

/** An open upload as it stands. */
export interface OpenUpload {
  /** The file's, where it was announced. */
  readonly length: number | undefined
  /** By number. */
  readonly parts: readonly PlannedPart[]
  /** By part number. */
  readonly stored: ReadonlyMap<number, StoredPart>
}

/** Why something is not done, as a sentence for people. */
export interface Refused {
  readonly refused: string
}

export const hasRefused = (result: object): result is Refused => 'refused' in result

/** Where a part ends, as far as its size is known. */
export const endOf = ({ partOffset, partSize = 0 }: PlannedPart): number => partOffset + partSize

/** DEC-35: parts of the emulator's own choice, as few as a file of this length takes; without one, one part of open size. */
export function offer(length: number | undefined): PlannedPart[] {
  if (length === undefined) return [offered(0, undefined)]
  const count = Math.min(lastNumber, Math.max(1, Math.ceil(length / largestPart)))
  return Array.from({ length: count }, (_, index) =>
    offered(index, Math.min(largestPart, length - index * largestPart)),
  )
}

const offered = (index: number, partSize: number | undefined): PlannedPart => ({
  partNumber: index + 1,
  partOffset: index * largestPart,
  partSize,
  hashCtx: undefined,
  isPlaced: index === 0,
  isOffered: true,
})
