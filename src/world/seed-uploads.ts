import type { SeedFile, SeedPart } from '../../schemas/seed.ts'
import { blockSize, hashCtxDefect, hashCtxOf, stateOf } from '../uploads/hash-ctx.ts'
import type { OpenUpload, PlannedPart, StoredPart } from '../uploads/parts.ts'
import { endOf, offer } from '../uploads/parts.ts'
import { concise } from './concise.ts'

interface SeededUpload {
  readonly parts: readonly PlannedPart[]
  readonly stored: readonly (readonly [number: number, came: StoredPart])[]
}

/** The parts of an open upload as a seed has them; `undefined` where they are what the emulator offers by itself. */
export function seedPartsOf({ parts, stored, length }: OpenUpload): SeedPart[] | undefined {
  const seeded = parts.map((part) => seedPartOf(part, stored.get(part.partNumber)))
  const isUsual = stored.size === 0 && JSON.stringify(parts) === JSON.stringify(offer(length))
  return isUsual ? undefined : seeded
}

function seedPartOf(
  { partNumber, partSize, partOffset, hashCtx, isPlaced, isOffered }: PlannedPart,
  came?: StoredPart,
): SeedPart {
  return {
    partNumber,
    ...concise({
      partSize,
      partOffset: isPlaced ? partOffset : undefined,
      hashCtx: hashCtx === undefined ? undefined : hashCtxOf(hashCtx),
      isOffered,
      stored: came && storedOf(came),
    }),
  }
}

const storedOf = ({ size, etag, hasHashCtx, digest }: StoredPart) => ({
  size,
  etag,
  ...concise({ hasHashCtx, digest }),
})

/** The same again, of parts that were checked. */
export function uploadFrom(parts: readonly SeedPart[]): SeededUpload {
  let end = 0
  const planned = parts.map(({ partNumber, partSize, partOffset, hashCtx, isOffered = false }): PlannedPart => {
    const isPlaced = partOffset !== undefined
    const part = {
      partNumber,
      partSize,
      partOffset: partOffset ?? end,
      hashCtx: hashCtx && stateOf(hashCtx),
      isPlaced,
      isOffered,
    }
    end = endOf(part)
    return part
  })
  const stored = parts.flatMap(({ partNumber, stored: came }) => {
    if (came === undefined) return []
    const { size, etag, digest, hasHashCtx = false } = came
    return [[partNumber, { size, etag, digest, hasHashCtx }] as const]
  })
  return { parts: planned, stored }
}

/** What no schema can say of the open uploads among files. */
export function mistakeOfUploads(files: readonly SeedFile[], path: string): string | undefined {
  for (const [index, { uploadId, multiParts, size }] of files.entries()) {
    if (multiParts === undefined) continue
    if (uploadId === undefined) return `${path}/${index} has multiParts and no uploadId`
    const mistake = mistakeOfParts(multiParts, size, `${path}/${index}/multiParts`)
    if (mistake) return mistake
  }
  return undefined
}

/** Parts fit together; sizes and places are otherwise free, for tests of many parts are to need no gigabytes. */
function mistakeOfParts(parts: readonly SeedPart[], size: number | undefined, path: string): string | undefined {
  if (size === undefined && parts.length > 1) return `${path}: several parts need the size of the file [DEC-35]`
  const { parts: planned } = uploadFrom(parts)
  for (const [index, part] of planned.entries()) {
    const mistake = mistakeOfPlace(part, planned[index - 1], size) ?? mistakeOfPart(part, parts[index])
    if (mistake) return `${path}/${index}${mistake}`
  }
  return undefined
}

function mistakeOfPlace(part: PlannedPart, before?: PlannedPart, size?: number): string | undefined {
  if (before && part.partNumber <= before.partNumber) return ' is not in the order of numbers [DEC-37]'
  if (before && part.partOffset < endOf(before)) return ' begins before the part before it ends [DEC-37]'
  if (size === undefined) return undefined
  if (part.partSize === undefined) return ' has no partSize [UPL-3]'
  return endOf(part) > size ? ' reaches beyond the size of the file [DEC-37]' : undefined
}

function mistakeOfPart({ partSize, partOffset }: PlannedPart, seeded?: SeedPart): string | undefined {
  /* c8 ignore next -- each planned part is of a part */
  const { hashCtx, stored: came } = seeded ?? {}
  const defect = hashCtx && hashCtxDefect(hashCtx)
  if (defect) return `/hashCtx ${defect}`
  if (came && came.size !== (partSize ?? came.size)) return '/stored/size is not that of the part [DEC-33]'
  const isOff = came?.digest && !isOfPlace(came.digest, partOffset, came.size)
  return isOff ? '/stored/digest has states that are not of these bytes [DEC-40]' : undefined
}

/** Of each state, as many bytes are pending as do not fill a block. */
const isOfPlace = ({ start, end }: { start: string; end: string }, offset: number, size: number): boolean =>
  pendingIn(start) === offset % blockSize && pendingIn(end) === (offset + size) % blockSize

const pendingIn = (state: string): number => state.length / 2 - blockSize / 2
