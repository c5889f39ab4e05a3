import type { ChainedPart } from './blame.ts'
import { lastRun, wrongChain } from './blame.ts'
import type { OpenUpload, Refused } from './parts.ts'
import { partsNamed } from './ranges.ts'
import { unsent } from './unsent.ts'

/** SHA-256 of the whole file as a client told it, in hexadecimal of lower case (UPL-2, UPL-6). */
export interface ToldDigests {
  readonly announced: string | undefined
  /** With the call that completes the file. */
  readonly called: string | undefined
}

/** What a file turned out to be. */
interface WholeFile {
  readonly size: number
  readonly sha256: string
}

/**
 * UPL-6, DEC-42: puts the parts of a file together.
 *
 * @returns the file, or why it is refused as `integrity`: first what must be sent, then what does not chain, then the size,
 *   then the digest
 */
export function assemble(upload: OpenUpload, told: ToldDigests): WholeFile | Refused {
  const parts = chainedParts(upload)
  const last = parts.at(-1)
  const lacking = unsent(upload)
  if (lacking !== undefined) return refusal(lacking)
  if (last === undefined) return refusal('no part was announced')
  const whole = { size: last.until, sha256: last.sha256 }
  const wrong = wrongChain(parts, known(told)) ?? wrongSize(whole, upload) ?? wrongDigest(whole, told, parts)
  return wrong === undefined ? whole : refusal(wrong)
}

const refusal = (sentence: string): Refused => ({ refused: `${sentence} [DEC-42]` })

/** The parts that came and have a digest, with the byte at which each ends. */
const chainedParts = ({ parts, stored }: OpenUpload): (ChainedPart & { readonly until: number })[] =>
  parts.flatMap(({ partNumber, partOffset }) => {
    const came = stored.get(partNumber)
    if (came?.digest === undefined) return []
    return [{ ...came.digest, partNumber, hasHashCtx: came.hasHashCtx, until: partOffset + came.size }]
  })

const known = ({ announced, called }: ToldDigests): string[] =>
  [announced, called].filter((digest) => digest !== undefined)

const wrongSize = ({ size }: WholeFile, { length }: OpenUpload): string | undefined =>
  length === undefined || length === size ? undefined : `the file has ${size} bytes, not as many as were announced`

function wrongDigest({ sha256 }: WholeFile, told: ToldDigests, parts: readonly ChainedPart[]): string | undefined {
  const digests = known(told)
  if (digests.every((digest) => digest === sha256)) return undefined
  if (told.announced !== undefined && told.called !== undefined && told.announced !== told.called) {
    return `the sha256 of this call is not the one announced${whoseIsRight(sha256, told)}`
  }
  const suspects = lastRun(parts)
  const other = 'the file has another SHA-256 than it should have'
  if (suspects.length < parts.length) {
    return `${other}, though every hashCtx agrees: ${partsNamed(suspects)} or that sha256 is wrong`
  }
  return suspects.length === 1
    ? `${other}: its one part or that sha256 is wrong`
    : `${other}; which part is wrong cannot be told`
}

function whoseIsRight(sha256: string, { announced, called }: ToldDigests): string {
  if (sha256 === called) return '; the file has that of this call'
  return sha256 === announced ? '; the file has the announced one' : '; the file has neither'
}
