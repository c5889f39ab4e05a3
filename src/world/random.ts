/** A generator's position: four 32-bit words in hexadecimal, `00000001-…`. */
export type RandomState = string

const wordCount = 4

/** Where the generator begins for a seed (DEC-31; any whole number): the words that splitmix32 draws from it. */
export function randomFrom(seed: number): RandomState {
  let state = seed >>> 0
  const words = Array.from({ length: wordCount }, () => {
    state = (state + 0x9e3779b9) >>> 0
    let word = state ^ (state >>> 16)
    word = Math.imul(word, 0x21f0aaad)
    word ^= word >>> 15
    word = Math.imul(word, 0x735a2d97)
    return (word ^ (word >>> 15)) >>> 0
  })
  return words.map(hex).join('-')
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

export type Random = ReturnType<typeof createRandom>

/** A world's own generator (sfc32): the same requests get the same lock ids, and go on with the next after a restart. */
export function createRandom(start: RandomState) {
  let words = parse(start)
  const next = (): number => {
    const [a, b, c, counter] = words
    const result = (a + b + counter) | 0
    words = [b ^ (b >>> 9), (c + (c << 3)) | 0, (((c << 21) | (c >>> 11)) + result) | 0, (counter + 1) | 0]
    return result >>> 0
  }
  return {
    /** From 0 up to, not including, 1. */
    fraction: (): number => next() / 2 ** 32,
    /** LOC-1: a UUID of version 4, the next that is not taken: a state document may hold what was still to be drawn. */
    uuid(isTaken: (uuid: string) => boolean = () => false): string {
      let drawn = uuidOf(next)
      while (isTaken(drawn)) drawn = uuidOf(next)
      return drawn
    },
    state: (): RandomState => words.map(hex).join('-'),
    /** Goes on from a state that `state` answered. */
    resume(from: RandomState): void {
      words = parse(from)
    },
    /** Where the generator stands: another value after every draw. */
    mark: (): Words => words,
    /** Goes back to a mark, after the work that moved it was undone. */
    rewind(to: Words): void {
      words = to
    },
  }
}

function uuidOf(next: () => number): string {
  const digits = Array.from({ length: wordCount }, () => hex(next())).join('')
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) & 3]
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-')
}

type Words = readonly [number, number, number, number]

function parse(state: RandomState): Words {
  const [a = 0, b = 0, c = 0, counter = 0] = state.split('-').map((word) => Number.parseInt(word, 16) | 0)
  return [a, b, c, counter]
}
