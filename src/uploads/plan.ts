import type { DigestPoint } from './hash-ctx.ts'
import { hashCtxDefect, initialState, stateOf } from './hash-ctx.ts'
import { layOut } from './layout.ts'
import type { OpenUpload, PlannedPart, Refused, StoredPart } from './parts.ts'
import { endOf, hasRefused, offer } from './parts.ts'

/** A part as a client asks for its link: within the limits of its contract, and no more is known of it (UPL-3). */
export interface PartRequest {
  readonly partNumber: number
  readonly partSize?: number | undefined
  readonly partOffset?: number | undefined
  readonly hashCtx?: readonly number[] | undefined
}

/** What is to be written, and what to be answered. */
export interface Announcement {
  /** The whole plan, by number. */
  readonly parts: readonly PlannedPart[]
  /** Those for which links were asked, by number (DEC-36). */
  readonly asked: readonly PlannedPart[]
  /** Numbers of stored parts that the plan has no place for any longer (DEC-33). */
  readonly dropped: readonly number[]
}

/** Parts to which those that are asked for are added. */
type Basis = readonly PlannedPart[]
/** In the order in which they are tried. */
type Bases = readonly [Basis, ...Basis[]]

/**
 * UPL-4, DEC-36: links are asked for. All of the parts are announced, or none.
 *
 * @returns the new plan, or why it is refused as `invalid`
 */
export function announce(upload: OpenUpload, asked: readonly PartRequest[]): Announcement | Refused {
  const announcement = announceUpon(bases(upload, asked), upload, asked)
  if (hasRefused(announcement) || upload.length === undefined) return announcement
  const [resized] = announcement.dropped
  if (resized === undefined) return announcement
  return refusal(resized, 'is stored with another size or offset; to change it, announce the file again [DEC-33]')
}

/** DEC-33: the upload once its file's length is known. A part that does not fit into it, or has no size yet, gives way to an offer. */
export function withLength({ parts, stored }: OpenUpload, length: number): OpenUpload {
  const sized = parts.map((part) => ({ ...part, partSize: part.partSize ?? stored.get(part.partNumber)?.size }))
  return { length, parts: hasRefused(layOut(sized, length)) ? offer(length) : sized, stored }
}

/**
 * UPL-2, DEC-33: a file whose upload is open is announced again. Parts that fit into the plan extend it, others replace it;
 * stored parts that are the same in both stay.
 *
 * @param asked `undefined` where no parts are asked for: then links for all that are announced
 * @returns the new plan, or why it is refused as `invalid`
 */
export function announceAgain(upload: OpenUpload, asked: readonly PartRequest[] | undefined): Announcement | Refused {
  if (asked === undefined)
    return { parts: upload.parts, asked: upload.parts, dropped: droppedFrom(upload, upload.parts) }
  const isOther = changed(upload.parts, asked).length > 0
  return announceUpon(isOther ? [[]] : [...bases(upload, asked), []], upload, asked)
}

/** The plan as it is and, since what was only offered gives way to what is asked for, the plan without it (DEC-35). */
function bases({ parts, stored }: OpenUpload, asked: readonly PartRequest[]): Bases {
  const binding = parts.filter(({ isOffered, partNumber }) => !isOffered || stored.has(partNumber))
  const isDeclined = changed(parts, asked).some(({ isOffered }) => isOffered)
  return isDeclined ? [binding] : [parts, binding]
}

function announceUpon(from: Bases, upload: OpenUpload, asked: readonly PartRequest[]): Announcement | Refused {
  const defect = defectOfAsking(asked)
  if (defect) return defect
  const parts = layOutUpon(from, upload, asked)
  if (hasRefused(parts)) return inMultiParts(parts)
  const numbers = numbersOf(asked)
  const dropped = droppedFrom(upload, parts)
  const wrong = wrongHashCtx(parts, numbers, upload.stored)
  return wrong ?? { parts, asked: parts.filter(({ partNumber }) => numbers.has(partNumber)), dropped }
}

/** The first basis that the asked parts fit upon is taken; where none is, the first says why. */
function layOutUpon([first, ...others]: Bases, upload: OpenUpload, asked: readonly PartRequest[]): Basis | Refused {
  const plan = layOut(merge(first, upload, asked), upload.length)
  if (!hasRefused(plan)) return plan
  for (const basis of others) {
    const other = layOut(merge(basis, upload, asked), upload.length)
    if (!hasRefused(other)) return other
  }
  return plan
}

function defectOfAsking(asked: readonly PartRequest[]): Refused | undefined {
  const numbers = new Set<number>()
  for (const { partNumber, hashCtx } of asked) {
    if (numbers.has(partNumber)) return refusal(partNumber, 'is asked for twice [DEC-36]')
    numbers.add(partNumber)
    const defect = hashCtx && hashCtxDefect(hashCtx)
    if (defect) return refusal(partNumber, `has a hashCtx that ${defect}`)
  }
  return undefined
}

function merge(basis: Basis, { length, parts }: OpenUpload, asked: readonly PartRequest[]): PlannedPart[] {
  const numbers = numbersOf(asked)
  // Without a length a size that was given once stays (DEC-35).
  const known = length === undefined ? parts[0]?.partSize : undefined
  const added = asked.map(({ partNumber, partSize, partOffset, hashCtx }) => ({
    partNumber,
    partOffset: partOffset ?? 0,
    partSize: partSize ?? known,
    hashCtx: hashCtx && stateOf(hashCtx),
    isPlaced: partOffset !== undefined,
    isOffered: false,
  }))
  return [...basis.filter(({ partNumber }) => !numbers.has(partNumber)), ...added]
}

/** Stored parts stay where they have the same place and size (DEC-33). */
function droppedFrom({ parts, stored }: OpenUpload, plan: Basis): number[] {
  const now = new Map(plan.map((part) => [part.partNumber, part]))
  return parts
    .filter(({ partNumber, partOffset }) => {
      const size = stored.get(partNumber)?.size
      const part = now.get(partNumber)
      return size !== undefined && (part?.partOffset !== partOffset || (part.partSize ?? size) !== size)
    })
    .map(({ partNumber }) => partNumber)
}

/** DEC-39: a hashCtx is held against what came, as far as the parts before it make a chain from the first byte. */
function wrongHashCtx(
  parts: readonly PlannedPart[],
  asked: ReadonlySet<number>,
  stored: ReadonlyMap<number, StoredPart>,
): Refused | undefined {
  let reached: DigestPoint = { state: initialState, offset: 0 }
  let before: PlannedPart | undefined
  for (const part of parts) {
    const { partNumber, partOffset, hashCtx } = part
    if (reached.offset !== partOffset) return undefined
    const isJudged = asked.has(partNumber) && !(before && asked.has(before.partNumber))
    if (isJudged && hashCtx !== undefined && hashCtx !== reached.state) return refusal(partNumber, suspicion(before))
    const digest = stored.get(partNumber)?.digest
    if (digest?.start !== reached.state) return undefined
    reached = { state: digest.end, offset: endOf(part) }
    before = part
  }
  return undefined
}

const suspicion = (before: PlannedPart | undefined): string =>
  before
    ? `has a hashCtx that is not the state after part ${before.partNumber}: it is wrong, or that part was sent with other bytes [UPL-3 DEC-39]`
    : "is the first and has a hashCtx that is not SHA-256's initial state [UPL-3 DEC-37]"

const inMultiParts = ({ refused }: Refused): Refused => ({ refused: `body/multiParts: ${refused}` })

const refusal = (partNumber: number, defect: string): Refused =>
  inMultiParts({ refused: `part ${partNumber} ${defect}` })

/** Parts of the plan that are asked for with another size or offset. */
function changed(parts: Basis, asked: readonly PartRequest[]): PlannedPart[] {
  const wanted = new Map(asked.map((part) => [part.partNumber, part]))
  return parts.filter(({ partNumber, partSize, partOffset }) => {
    const now = wanted.get(partNumber)
    return now && ((now.partSize ?? partSize) !== partSize || (now.partOffset ?? partOffset) !== partOffset)
  })
}

const numbersOf = (parts: readonly PartRequest[]): Set<number> => new Set(parts.map(({ partNumber }) => partNumber))
