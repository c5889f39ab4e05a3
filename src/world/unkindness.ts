import type { Random } from './random.ts'
import { createRandom, randomFrom } from './random.ts'

/** What a world is told of how unkind it is to be; where no part is named, it is all of it. */
export interface UnkindSetting {
  readonly seed: number
  /** So many rows a page while there are more; `varied` are pages of one or of nothing, `sparse` of nothing and of one by turns. */
  readonly pages?: number | 'varied' | 'sparse'
  /** Of the lists whose order nobody promises. */
  readonly order?: 'shuffled' | 'reversed' | 'kept'
  /** Fields that nobody has heard of. */
  readonly fields?: boolean
  /** How much longer an answer may take. */
  readonly latencyMs?: number
  /** Cursors that a query must encode. */
  readonly cursors?: boolean
}

/** How unkind a world is, part by part, and what draws it. */
export interface Unkindness extends Required<Omit<UnkindSetting, 'seed' | 'pages'>> {
  /** `asked`: as many rows as were asked for. */
  readonly pages: number | 'varied' | 'sparse' | 'asked'
  readonly random: Random
}

const all = { pages: 'varied', order: 'shuffled', fields: true, latencyMs: 50, cursors: true } as const
const none = { pages: 'asked', order: 'kept', fields: false, latencyMs: 0, cursors: false } as const

/** The parts that are named, or all. */
export function unkindnessOf({ seed, ...parts }: UnkindSetting): Unkindness {
  const random = createRandom(randomFrom(seed))
  return Object.keys(parts).length === 0 ? { ...all, random } : { ...none, ...parts, random }
}
