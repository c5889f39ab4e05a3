import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Change } from '../../schemas/change.ts'
import type { CheckName, ContractPart } from '../../schemas/checks.ts'
import type { Facts } from './facts.ts'

/** A body as it is kept: whole, or its beginning with what the whole was. */
export interface KeptBody {
  readonly text: string
  /** Of the whole, where only its beginning is kept. */
  readonly cut?: { readonly bytes: number; readonly sha256: string }
  /** True where the body is no text; `text` is then base64. */
  readonly isBinary?: true
}

/** One exchange as the journal keeps it: no secret is in it. How it is shown is for whoever shows it. */
export interface Entry {
  readonly id: number
  /** When it arrived, by the state clock, in Unix milliseconds. */
  readonly time: number
  readonly wallTime: number
  readonly signingTime: number
  /** By how much the state clock had been moved in all, in milliseconds, since this process knows the world. */
  readonly clockMoved: number
  readonly durationMs: number
  /** When its answer was over, by the wall clock and by the state clock. */
  readonly endedAt: number
  readonly endTime: number
  /** The newest entry that was there when it arrived. */
  readonly begunAfter: number
  readonly operation: string | null
  readonly method: string
  /** Such as `1.0`; empty where it is not known, and absent in archives from before it was kept. */
  readonly httpVersion?: string
  /** Path and query as received. */
  readonly path: string
  /** The parameters of the path and of the query, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly world: string
  /** Counts the connections of the process. */
  readonly connection: number
  readonly isFirstOnConnection: boolean
  /** Names and values by turns. */
  readonly requestHeaders: readonly string[]
  readonly requestBody: KeptBody
  /** In bytes, as far as it arrived; -1 where nobody counted them. */
  readonly requestSize: number
  /** `null` where the connection ended before there was an answer. */
  readonly status: number | null
  readonly code: number | null
  readonly reason: string | null
  /** The key of the catalogue, where it was refused; of the object store, its code. */
  readonly refusal: string | null
  /** The check that refused it, and of the contract the part of the request. */
  readonly check: CheckName | null
  readonly part: ContractPart | null
  readonly responseHeaders: Readonly<Record<string, unknown>>
  /** What was to be answered, whether or not it arrived. */
  readonly responseBody: KeptBody
  /** Whether the answer went out whole. */
  readonly delivered: boolean
  readonly fault: string | null
  /** What it did. */
  readonly effect: string | null
  /** Whether it is the fault's answer. */
  readonly isInjected: boolean
  /** What the answer asked to wait, as it said it. */
  readonly retryAfter: string | null
  readonly rowsWritten: number
  /** What it changed; `null` where nobody noted it. */
  readonly changes: readonly Change[] | null
  /** How many more changes there were. */
  readonly changesOmitted: number
  /** How much work of its world was done before its own. */
  readonly workBefore: number
  /** The entry that it sent once more. */
  readonly replayOf: number | null
  /** Whether it is one of the calls that were made before that. */
  readonly madeFirst: boolean
  /** Noted where a body is kept in part; of all others, they can be had from what is kept. */
  readonly facts: Facts | null
}

export type NewEntry = Omit<Entry, 'id'>

const longestBody = 16 * 1024

/**
 * Keeps a text whole up to 16 KiB, otherwise its beginning, copied so that the rest can be freed.
 *
 * @param whole what went over the wire, where secrets are taken out of the text
 */
export function keepText(text: string, whole: string = text): KeptBody {
  if (text.length * 3 <= longestBody) return { text }
  const bytes = Buffer.from(text)
  if (bytes.length <= longestBody) return { text }
  const beginning = bytes
    .subarray(0, longestBody)
    .toString()
    .replace(/\uFFFD$/, '')
  const { size, sha256 } = sizeAndHash(whole === text ? bytes : Buffer.from(whole))
  return { text: beginning, cut: { bytes: size, sha256 } }
}

/**
 * The same of bytes that were not read as JSON: as text where they are text.
 *
 * @param whole what the bytes are the beginning of
 */
export function keepBytes(
  bytes: Buffer,
  hide: (text: string) => string,
  whole: { readonly size: number; readonly sha256: string } = sizeAndHash(bytes),
): KeptBody {
  // Where it is cut, it may be within a character.
  const isText =
    isUtf8(bytes) || (whole.size > bytes.length && [1, 2, 3].some((torn) => isUtf8(bytes.subarray(0, -torn))))
  const encoding = isText ? 'utf8' : 'latin1'
  const hidden = Buffer.from(hide(bytes.toString(encoding)), encoding)
  const kept = hidden.subarray(0, longestBody)
  const text = isText ? kept.toString().replace(/\uFFFD$/, '') : kept.toString('base64')
  // What stands for a secret may be longer than it was.
  const isCut = whole.size > bytes.length || hidden.length > longestBody
  const cut = isCut ? { cut: { bytes: whole.size, sha256: whole.sha256 } } : {}
  return { text, ...cut, ...(isText ? {} : { isBinary: true }) }
}

const sizeAndHash = (bytes: Buffer) => ({ size: bytes.length, sha256: hash('sha256', bytes) })
