import { smallestPart } from '../../schemas/upload-limits.ts'
import { blockSize } from './hash-ctx.ts'
import type { PlannedPart, Refused } from './parts.ts'
import { endOf } from './parts.ts'

/** UPL-3: parts with an offset or a hashCtx are uploaded in parallel, others one after the other; each part for itself (DEC-37). */
const isSequential = ({ isPlaced, hashCtx }: PlannedPart): boolean => !isPlaced && hashCtx === undefined

/**
 * UPL-3, DEC-37: puts parts in order, sequential ones right behind the part before them.
 *
 * @param parts each number once, in any order
 * @param length of the file; `undefined` where it was not announced
 * @returns the parts by number, or what is wrong with one
 */
export function layOut(parts: readonly PlannedPart[], length: number | undefined): readonly PlannedPart[] | Refused {
  const ordered = [...parts].sort((one, other) => one.partNumber - other.partNumber)
  if (length === undefined && ordered.length > 1) {
    return { refused: "several parts need the file's length; announce it first [DEC-35]" }
  }
  const placed: PlannedPart[] = []
  let end = 0
  for (const [index, part] of ordered.entries()) {
    const here = part.isPlaced || part.partOffset === end ? part : { ...part, partOffset: end }
    const defect = defectOf(here, { index, end, length, next: ordered[index + 1] })
    if (defect) return { refused: `part ${part.partNumber} ${defect}` }
    placed.push(here)
    end = endOf(here)
  }
  return placed
}

interface Surroundings {
  /** How many parts have a lower number. */
  readonly index: number
  /** Where they end. */
  readonly end: number
  readonly length: number | undefined
  /** That of the next higher number. */
  readonly next: PlannedPart | undefined
}

const defectOf = (part: PlannedPart, around: Surroundings): string | undefined =>
  defectOfPlace(part, around) ?? defectOfSize(part, around)

function defectOfPlace(part: PlannedPart, { index, end, length }: Surroundings): string | undefined {
  const { partNumber, partOffset, hashCtx } = part
  if (isSequential(part) && partNumber !== index + 1) {
    return 'has no partOffset, so the parts of all lower numbers must be announced first [UPL-3 DEC-37]'
  }
  if (partOffset !== 0 && (partNumber === 1 || length === undefined)) {
    return 'has bytes before it; the first part begins at 0 [UPL-3 DEC-37]'
  }
  if (partOffset < end) return 'begins before the part before it ends; numbers rise with offsets [DEC-37]'
  if (isSequential(part)) return undefined
  if (partOffset % blockSize !== 0) return `has a partOffset that is no multiple of ${blockSize} [UPL-3 DEC-37]`
  if (partOffset !== 0 && hashCtx === undefined)
    return 'has a partOffset and no hashCtx; parallel parts need both [UPL-3]'
  if (partNumber !== 1 && !part.isPlaced) return 'has a hashCtx and no partOffset; parallel parts need both [UPL-3]'
  return undefined
}

/** Whether bytes between it and a parallel part are left that no number is left for. */
const isCutOff = (part: PlannedPart, next: PlannedPart | undefined): boolean =>
  next !== undefined && !isSequential(next) && next.partNumber === part.partNumber + 1 && next.partOffset > endOf(part)

function defectOfSize(part: PlannedPart, { length, next }: Surroundings): string | undefined {
  if (length === undefined) return undefined
  const { partSize, partOffset, hashCtx } = part
  if (partSize === undefined) return 'has no partSize [UPL-3]'
  if (partOffset + partSize > length) return "reaches beyond the file's length [DEC-37]"
  if (next === undefined && partOffset + partSize === length) return undefined
  if (partSize < smallestPart) {
    return `has less than ${smallestPart} bytes and is not the last, which ends at the file's length [UPL-3 DEC-37]`
  }
  if (partSize % blockSize === 0) return undefined
  if (hashCtx !== undefined || isCutOff(part, next)) {
    return `has a partSize that is no multiple of ${blockSize}, though parallel and not the last [UPL-3]`
  }
  return undefined
}
