import { lastNumber, smallestPart } from '../../schemas/upload-limits.ts'
import type { OpenUpload, PlannedPart, StoredPart } from './parts.ts'
import { endOf } from './parts.ts'
import { listed, listRoom, partsNamed } from './ranges.ts'

/**
 * DEC-42: all that a client must still send before its file can be complete, at once, each kind in ascending order.
 *
 * @returns `undefined` where nothing is left
 */
export function unsent(upload: OpenUpload): string | undefined {
  const absent = upload.parts.filter((part) => comeAs(part, upload) === undefined).map(({ partNumber }) => partNumber)
  const stateless = withoutState(upload)
  const gaps = gapsIn(upload)
  const room = listRoom / [absent, stateless, gaps].filter(({ length }) => length > 0).length
  const lists: string[] = []
  if (absent.length > 0) lists.push(`missing: ${partsNamed(absent, room)}`)
  if (stateless.length > 0) lists.push(`to be sent again: ${partsNamed(stateless, room)}, ${whyAgain}`)
  if (gaps.length > 0) lists.push(`never announced: ${listed(gaps, room)}${gaps.some(isHopeless) ? anew : ''}`)
  return lists.length === 0 ? undefined : lists.join('; ')
}

const whyAgain = 'for without hashCtx a part counts only if it comes after the part before it (UPL-3)'

/** What came of a part; nothing where it came with another size than it is announced with now. */
function comeAs({ partNumber, partSize }: PlannedPart, { stored }: OpenUpload): StoredPart | undefined {
  const came = stored.get(partNumber)
  return came && (partSize ?? came.size) === came.size ? came : undefined
}

/**
 * DEC-40: parts before which the state is not known or no longer true: they came before the part before them, or that has
 * come again since, with other bytes.
 */
function withoutState(upload: OpenUpload): number[] {
  const numbers: number[] = []
  let before: StoredPart | undefined
  let isStale = false
  for (const part of upload.parts) {
    const came = comeAs(part, upload)
    const isChained = before !== undefined && came?.hasHashCtx === false
    const isOff =
      came !== undefined && (came.digest === undefined || (isChained && came.digest.start !== before?.digest?.end))
    isStale = isOff || (isChained && isStale)
    if (isStale) numbers.push(part.partNumber)
    before = came
  }
  return numbers
}

interface Gap {
  readonly text: string
  readonly count: number
  /** Whether no part can be announced for it, as the others are. */
  readonly isHopeless: boolean
}

const isHopeless = (gap: Gap): boolean => gap.isHopeless
const anew = '; announce the file again'

/** Bytes of the file that no part has, each with the number under which they can be announced. */
function gapsIn({ parts, length }: OpenUpload): Gap[] {
  const gaps: Gap[] = []
  let end = 0
  let number = 1
  const note = (next: number, nextNumber: number): void => {
    const isTooShort = next !== length && next - end < smallestPart
    const defect = number >= nextNumber ? 'no number is left there' : isTooShort && 'too few for a part'
    const text = `bytes ${end}-${next - 1} (${defect || `as part ${number}`})`
    if (next > end) gaps.push({ text, count: 1, isHopeless: defect !== false })
  }
  for (const part of parts) {
    note(part.partOffset, part.partNumber)
    end = endOf(part)
    number = part.partNumber + 1
  }
  note(length ?? end, lastNumber + 1)
  return gaps
}
