import type { DigestPoint, DigestState } from './hash-ctx.ts'
import { initialState } from './hash-ctx.ts'
import type { OpenUpload, PlannedPart, StoredPart } from './parts.ts'
import { endOf } from './parts.ts'

/**
 * DEC-40: from where a part is hashed that begins to come: the hashCtx of its link; otherwise the end of the part before; where
 * that is not there, what the same part began with when it came before.
 *
 * @param hashCtx that of its link
 * @returns `undefined` where none is known: the part is taken, and must come again before the file can be complete
 */
export function startOf(
  upload: OpenUpload,
  part: PlannedPart,
  hashCtx: DigestState | undefined,
): DigestPoint | undefined {
  const { partNumber, partOffset: offset } = part
  const state = hashCtx ?? stateBefore(upload, part) ?? upload.stored.get(partNumber)?.digest?.start
  return state === undefined ? undefined : { state, offset }
}

function stateBefore({ parts, stored }: OpenUpload, { partNumber, partOffset }: PlannedPart): DigestState | undefined {
  if (partOffset === 0) return initialState
  const before = parts[parts.findIndex((part) => part.partNumber === partNumber) - 1]
  return before && endOf(before) === partOffset ? stored.get(before.partNumber)?.digest?.end : undefined
}

/**
 * DEC-40: the parts that must come again once a part has: where its bytes are others than before, all later ones that were
 * hashed from the end of the part before them.
 *
 * @param came what the part is now; `upload` has it as it was before
 */
export function outdatedBy({ stored }: OpenUpload, partNumber: number, came: StoredPart): number[] {
  const before = stored.get(partNumber)
  if (before === undefined || isSame(before, came)) return []
  return [...stored]
    .filter(([number, { hasHashCtx, digest }]) => number > partNumber && !hasHashCtx && digest !== undefined)
    .map(([number]) => number)
    .sort((one, other) => one - other)
}

const isSame = (one: StoredPart, other: StoredPart): boolean => one.etag === other.etag && one.size === other.size
