/** COM-10: 2019-01-01 in GMT+8, the instant from which ids count milliseconds. */
export const epochMillis = 1_546_272_000_000

/** The last instant whose id still fits into 63 bits: 2053-11-03T11:53:47.775Z (DEC-31). */
export const lastMillis = epochMillis + 2 ** 40 - 1

const workerAndSequenceBits = 23n
const sequenceBits = 7n

/** Ids that one worker can issue in one millisecond. */
export const idsPerMillisecond = 2 ** Number(sequenceBits)

/**
 * COM-10: milliseconds since the epoch, then 16 bits of worker, then 7 bits of sequence.
 *
 * @param millis Unix milliseconds, from `epochMillis` to `lastMillis`
 * @param worker 0 to 65,535
 * @param sequence 0 to 127
 */
export const snowflake = (millis: number, worker: number, sequence: number): bigint =>
  (BigInt(millis - epochMillis) << workerAndSequenceBits) | (BigInt(worker) << sequenceBits) | BigInt(sequence)

/** The instant at which an id was issued, in Unix milliseconds. */
export const millisOf = (id: bigint): number => Number(id >> workerAndSequenceBits) + epochMillis

/** The sequence number within its millisecond. */
export const sequenceOf = (id: bigint): number => Number(id % BigInt(idsPerMillisecond))

/** The worker that issued an id. */
export const workerOf = (id: bigint): number => Number((id % 2n ** workerAndSequenceBits) >> sequenceBits)

/** The instant that was written last: the items of a batch have one, and so have requests that arrive together. */
let lastWritten = { millis: Number.NaN, text: '' }

/** COM-9: the form of every time in an answer. */
export function isoInstant(millis: number): string {
  if (millis !== lastWritten.millis) lastWritten = { millis, text: new Date(millis).toISOString() }
  return lastWritten.text
}

/** An id just issued, with the instant it encodes. */
export interface IssuedId {
  readonly id: bigint
  readonly millis: number
}

/** What 63 bits hold. */
export const largestId = 2n ** 63n - 1n

/** An id sent by a client; `undefined` for a text that no id is ever written as. */
export function parseId(text: string): bigint | undefined {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) return undefined
  const id = BigInt(text)
  return id <= largestId ? id : undefined
}
