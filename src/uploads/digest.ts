import { createHash } from 'node:crypto'
import { createSHA256 } from 'hash-wasm'
import type { DigestPoint, DigestState } from './hash-ctx.ts'
import { blockSize } from './hash-ctx.ts'
import type { StoredPart } from './parts.ts'

/**
 * SHA-256 with its state laid open. One instance serves all streams: between two chunks each stream's state lies in a
 * record of its own, 116 bytes long.
 */
const sha256 = await createSHA256()

/** The library's record of a state: a mark of its build, the pending block, the count of bytes and the eight words. */
const places = { pending: 4, count: 68, words: 76 } as const
const wordsLength = 32

/**
 * Counts and hashes a part as it comes and keeps no byte of it, but for those, up to 63, that wait for their block to be full
 * (DEC-40).
 *
 * @param from where the part begins; without it the part is counted, and hashed for its ETag alone
 * @throws what the stream throws
 */
export async function hashPart(
  bytes: AsyncIterable<Uint8Array>,
  from: DigestPoint | undefined,
): Promise<Omit<StoredPart, 'hasHashCtx'>> {
  const md5 = createHash('md5')
  let size = 0
  let record = from && recordOf(from)
  for await (const chunk of bytes) {
    md5.update(chunk)
    size += chunk.length
    record &&= sha256.load(record).update(chunk).save()
  }
  const digest = from &&
    record && { start: from.state, end: stateOfRecord(record), sha256: sha256.load(record).digest() }
  return { size, etag: md5.digest('hex'), digest }
}

function recordOf({ state, offset }: DigestPoint): Uint8Array {
  const record = sha256.init().save()
  const words = Buffer.from(state, 'hex')
  record.set(words.subarray(wordsLength), places.pending)
  const view = new DataView(record.buffer)
  view.setBigUint64(places.count, BigInt(offset), true)
  words.subarray(0, wordsLength).swap32()
  record.set(words.subarray(0, wordsLength), places.words)
  return record
}

function stateOfRecord(record: Uint8Array): DigestState {
  const { buffer } = record
  const count = new DataView(buffer).getBigUint64(places.count, true)
  const words = Buffer.from(record.subarray(places.words, places.words + wordsLength)).swap32()
  const pending = Buffer.from(buffer, places.pending, Number(count % BigInt(blockSize)))
  return words.toString('hex') + pending.toString('hex')
}
