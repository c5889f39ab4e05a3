/** COM-10: 2019-01-01 in GMT+8, the instant from which ids count milliseconds. */
export const epochMillis = 1_546_272_000_000

/**
 * DEC-31: 2053-01-01, the last instant of a state clock. Ids end ten months later, so that a clock that stands here never
 * uses them up, at 128 a millisecond.
 */
export const lastMillis = 2_619_302_400_000

const workerAndSequenceBits = 23n
const sequenceBits = 7n

/** Ids that one worker can issue in one millisecond. */
export const idsPerMillisecond = 2 ** Number(sequenceBits)

/**
 * COM-10: milliseconds since the epoch, then 16 bits of worker, then 7 bits of sequence.
 *
 * @param millis Unix milliseconds, from `epochMillis` to 2053-11-03T11:53:47.775Z
 * @param worker 0 to 65,535
 * @param sequence 0 to 127
 */
export const snowflake = (millis: number, worker: number, sequence: number): bigint =>
  (BigInt(millis - epochMillis) << workerAndSequenceBits) | (BigInt(worker) << sequenceBits) | BigInt(sequence)

/** The instant at which an id was issued, in Unix milliseconds. */
export const millisOf = (id: bigint): number => Number(id >> workerAndSequenceBits) + epochMillis

/** The same in SQL, of a column: an id that becomes a number within SQLite need not be a `bigint` first. */
export const millisIn = (column: string): string => `((${column} >> ${workerAndSequenceBits}) + ${epochMillis})`

/** The sequence number within its millisecond. */
export const sequenceOf = (id: bigint): number => Number(id % BigInt(idsPerMillisecond))

/** The worker that issued an id. */
export const workerOf = (id: bigint): number => Number((id % 2n ** workerAndSequenceBits) >> sequenceBits)

/** The instant that was written last: the items of a batch have one, and so have requests that arrive together. */
let lastWritten = { millis: Number.NaN, text: '' }

/** COM-9: the form of every time in an answer. */
export function isoInstant(millis: number): string {
  if (millis !== lastWritten.millis) lastWritten = { millis, text: written(millis) }
  return lastWritten.text
}

const dayMillis = 86_400_000
const mostDays = 1000
/** How days begin that were written lately, such as `2024-11-30T`: a page of a list writes forty instants. */
const days = new Map<number, string>()

/** As `toISOString` writes it, which takes ten times as long. */
function written(instant: number): string {
  const millis = Math.trunc(instant)
  const day = Math.floor(millis / dayMillis)
  const rest = millis - day * dayMillis
  const seconds = Math.floor(rest / 1000)
  const minutes = Math.floor(seconds / 60)
  const [hour, minute, second] = [twoDigits[Math.floor(minutes / 60)], twoDigits[minutes % 60], twoDigits[seconds % 60]]
  return `${beginning(day)}${hour}:${minute}:${second}.${threeDigits[rest % 1000]}Z`
}

function beginning(day: number): string {
  const known = days.get(day)
  if (known !== undefined) return known
  if (days.size === mostDays) days.clear()
  const text = new Date(day * dayMillis).toISOString().slice(0, -'00:00:00.000Z'.length)
  days.set(day, text)
  return text
}

const digits = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, number) => String(number).padStart(length, '0'))
const twoDigits = digits(60, 2)
const threeDigits = digits(1000, 3)

/** An id just issued, with the instant it encodes. */
export interface NewId {
  readonly id: bigint
  readonly millis: number
}

/** What 63 bits hold. */
export const largestId = 2n ** 63n - 1n

/** The instant at which ids end. */
export const lastIdMillis = millisOf(largestId)

/** An id sent by a client; `undefined` for a text that no id is ever written as. */
export function parseId(text: string): bigint | undefined {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) return undefined
  const id = BigInt(text)
  return id <= largestId ? id : undefined
}
