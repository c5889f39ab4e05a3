/**
 * A state of SHA-256 as it is stored and compared: the eight words in hexadecimal, then the bytes, up to 63, that wait for
 * their block to be full. How many bytes came before belongs to it and is kept beside it.
 */
export type DigestState = string

/** Where a stream is: everything before `offset` bytes has gone into `state`. */
export interface DigestPoint {
  readonly state: DigestState
  readonly offset: number
}

/** SHA-256 takes its input by blocks of as many bytes. */
export const blockSize = 64

const wordCount = 8
const afterWord = 2 ** 32

/** SHA-256 before the first byte. */
export const initialState: DigestState = '6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19'

/** UPL-3, DEC-38: what keeps a list of numbers from being a hashCtx, if anything does. */
export function hashCtxDefect(hashCtx: readonly number[]): string | undefined {
  if (hashCtx.length !== wordCount) return `holds ${hashCtx.length} numbers; expected eight of 32 bits [UPL-3]`
  if (hashCtx.some((word) => word >= afterWord)) return 'holds a number above 2^32 - 1; expected 32 bits [UPL-3]'
  if (hashCtx.some((word) => word < -afterWord / 2)) return 'holds a number below 0; expected 32 bits [UPL-3]'
  if (hashCtx.some((word) => word < 0)) return 'holds signed numbers; add 2^32 to those below 0 [UPL-3 DEC-38]'
  return undefined
}

/** UPL-3: eight numbers without a defect as a state, in which no byte is pending. */
export const stateOf = (hashCtx: readonly number[]): DigestState =>
  hashCtx.map((word) => word.toString(16).padStart(8, '0')).join('')

/** UPL-3: the eight numbers of a state. */
export const hashCtxOf = (state: DigestState): number[] =>
  Array.from({ length: wordCount }, (_, index) => Number.parseInt(state.slice(index * 8, index * 8 + 8), 16))

/** UPL-5, DEC-38: the value of `X-Amz-Iteration-Hash-Ctx`, its properties in the order printed. */
export function iterationHashCtx({ state, offset }: DigestPoint): string {
  const bits = offset * 8
  const [nh, nl] = [Math.floor(bits / afterWord), bits % afterWord]
  const context = { md_len: 32, num: 0, h: hashCtxOf(state), nh, nl, hash_type: 'sha256' }
  return Buffer.from(JSON.stringify(context)).toString('base64')
}

/** The state in a value that `iterationHashCtx` made; only for one that the signature of a link covers. */
export function stateIn(value: string): DigestState {
  const { h }: { h: number[] } = JSON.parse(Buffer.from(value, 'base64').toString())
  return stateOf(h)
}
