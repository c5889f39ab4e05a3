/** One claim, how much was tried against it, and what came of it. */
export interface Verdict {
  readonly what: string
  readonly much: string
  /** What spoke against the claim; empty where it holds. */
  readonly against: readonly string[]
}

/** Gathers what speaks against a claim: the first few in words, all of them in number. */
export class Doubts {
  readonly #words: string[] = []
  #count = 0

  add(words: string): void {
    this.#count += 1
    if (this.#words.length < 5) this.#words.push(words.slice(0, 2000))
  }

  /** Holds the claim that `holds`. */
  claim(holds: boolean, otherwise: () => string): void {
    if (!holds) this.add(otherwise())
  }

  get list(): readonly string[] {
    const more = this.#count - this.#words.length
    return more > 0 ? [...this.#words, `and ${more} more`] : this.#words
  }
}

/** Digits in groups of three. */
export const grouped = (count: number): string => count.toLocaleString('en-US')

/** The verdicts as a table for people. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const rows = [
    ['what', 'how much', 'verdict'],
    ...verdicts.map(({ what, much, against }) => [what, much, against.length === 0 ? 'holds' : 'FAILS']),
  ]
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const [first, second] = [widthOf(0), widthOf(1)]
  return rows
    .map(([what = '', much = '', verdict]) => `${what.padEnd(first)}  ${much.padEnd(second)}  ${verdict}\n`)
    .join('')
}
