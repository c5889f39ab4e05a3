import { largestPart, linkSeconds } from '../../schemas/upload-limits.ts'
import type { QueryPairs } from '../http/request-target.ts'
import { equalSignatures } from '../http/signature.ts'
import type { DigestState } from './hash-ctx.ts'
import { stateIn } from './hash-ctx.ts'
import type { LinkKey } from './links.ts'
import { hashCtxName, headersOf, scopeOf, signatureName, sizeSigned } from './links.ts'
import type { PlannedPart } from './parts.ts'
import { presignature, signingKey } from './sigv4.ts'
import type { StoreRefusal } from './store-errors.ts'

/** A part that begins to come. */
export interface ReceivedPut {
  /** As received, without the query. */
  readonly path: string
  /** As received, decoded. */
  readonly query: QueryPairs
  /** That of the printed address (DEC-41). */
  readonly host: string
  /** As received; `undefined` where there is none. */
  readonly contentLength: string | undefined
}

/** What a part is to be taken with. */
export interface Grant {
  /** That of its link, where it has one. */
  readonly hashCtx: DigestState | undefined
}

/**
 * UPL-5, DEC-41: whether the store takes a part. Judged in one order: length, expiry, signature, upload, size.
 *
 * @param part as it is announced now; `undefined` where there is no such upload, or it is finished, or has no such part
 * @param now Unix milliseconds by the signing clock, when the request began
 */
export function judgePut(
  put: ReceivedPut,
  key: LinkKey,
  part: PlannedPart | undefined,
  now: number,
): Grant | StoreRefusal {
  if (put.contentLength === undefined) {
    return { code: 'MissingContentLength', reason: 'Content-Length is missing; send the size of the part [DEC-41]' }
  }
  if (isExpired(put.query, now)) {
    return {
      code: 'AccessDenied',
      reason: `the link lived for ${linkSeconds} seconds; ask for a fresh one [UPL-5 DEC-41]`,
    }
  }
  if (!isSigned(put, key, put.contentLength)) {
    return { code: 'SignatureDoesNotMatch', reason: mismatch(put, key, part) }
  }
  if (part === undefined) return { code: 'NoSuchUpload', reason: unknownUpload }
  return judgeSize(Number(put.contentLength), part) ?? { hashCtx: hashCtxIn(put.query) }
}

/** What is said where a part belongs to no open upload. */
export const unknownUpload = 'no such upload, or it is complete, or it has no such part any longer [DEC-41]'

function isExpired(query: QueryPairs, now: number): boolean {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(valueIn(query, 'X-Amz-Date')) ?? []
  const begun = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return now > begun + Number(valueIn(query, 'X-Amz-Expires')) * 1000
}

/** Whether a link was made for this request, were its body as long as `length`. */
function isSigned({ path, query, host }: ReceivedPut, { secret }: LinkKey, length: string | number): boolean {
  const signatures = query.filter(([name]) => name === signatureName)
  const date = valueIn(query, 'X-Amz-Date')
  const scope = scopeOf(date)
  const headers = headersOf(host, valueIn(query, 'X-Amz-SignedHeaders') === sizeSigned ? length : undefined)
  const unsigned = query.filter(([name]) => name !== signatureName)
  const expected = presignature(
    { method: 'PUT', path, query: unsigned, headers },
    signingKey(secret, scope),
    date,
    scope,
  )
  const [[, signature] = ['', '']] = signatures
  return signatures.length === 1 && /^[0-9a-f]{64}$/.test(signature) && equalSignatures(signature, expected)
}

function mismatch(put: ReceivedPut, key: LinkKey, part: PlannedPart | undefined): string {
  const isOtherLength = part?.partSize !== undefined && isSigned(put, key, part.partSize)
  return isOtherLength
    ? 'Content-Length is not the partSize that the link was made for [UPL-5 DEC-41]'
    : 'this is not the request that the link was made for: use its address as it is, host and query included, and send as many bytes as announced [UPL-5 DEC-41]'
}

/** Whether a part of this size is one that is announced. */
export function judgeSize(size: number, { partSize }: PlannedPart): StoreRefusal | undefined {
  if (size > largestPart)
    return { code: 'EntityTooLarge', reason: `a part has at most ${largestPart} bytes [UPL-3 DEC-35]` }
  if (partSize === undefined || partSize === size) return undefined
  return {
    code: 'SignatureDoesNotMatch',
    reason: 'the part was announced with another size since; use its new link [DEC-41]',
  }
}

function hashCtxIn(query: QueryPairs): DigestState | undefined {
  const value = valueIn(query, hashCtxName)
  return value === '' ? undefined : stateIn(value)
}

const valueIn = (query: QueryPairs, name: string): string => query.find((pair) => pair[0] === name)?.[1] ?? ''
