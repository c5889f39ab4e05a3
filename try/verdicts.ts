/** Thrown where this machine lacks what a trial needs; the message says what. That is no failure. */
export class NotHere extends Error {}

export interface Trial {
  readonly what: string
  /** Rejects where it fails. May resolve with a remark for the reader. */
  readonly make: () => Promise<string | undefined>
}

export interface Verdict {
  readonly what: string
  readonly word: 'ok' | 'FAILED' | 'not run' | 'not reached'
  readonly remark?: string | undefined
}

/** A column of the table. */
export interface Column {
  readonly name: string
  readonly verdicts: readonly Verdict[]
}

async function judge({ what, make }: Trial): Promise<Verdict> {
  try {
    return { what, word: 'ok', remark: await make() }
  } catch (error) {
    const remark = error instanceof Error ? error.message : String(error)
    return { what, word: error instanceof NotHere ? 'not run' : 'FAILED', remark }
  }
}

/**
 * Makes one trial after the other, each whatever became of those before it.
 *
 * @param tell hears of each verdict at once, and after how long
 */
export async function judgeEach(
  trials: readonly Trial[],
  tell: (verdict: Verdict, millis: number) => void = () => {},
): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const trial of trials) {
    const begun = Date.now()
    const verdict = await judge(trial)
    verdicts.push(verdict)
    tell(verdict, Date.now() - begun)
  }
  return verdicts
}

/** Makes one trial after the other, each resting on those before it: after a failure the rest is not reached. */
export async function judgeChain(trials: readonly Trial[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const trial of trials) {
    const isReached = verdicts.every(({ word }) => word !== 'FAILED')
    verdicts.push(isReached ? await judge(trial) : { what: trial.what, word: 'not reached' })
  }
  return verdicts
}

/** The table of all verdicts, and below it what there is to say about them. */
export function report(columns: readonly Column[]): string {
  const rows = [...new Set(columns.flatMap(({ verdicts }) => verdicts.map(({ what }) => what)))]
  const widths = [rows, ...columns.map(({ name }) => [name, 'not reached'])].map((texts) =>
    Math.max(...texts.map((text) => text.length)),
  )
  const line = (cells: readonly string[]) => cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')
  const wordOf = ({ verdicts }: Column, row: string) => verdicts.find(({ what }) => what === row)?.word ?? '–'
  const remarks = columns.flatMap(({ name, verdicts }) =>
    verdicts.filter(({ remark }) => remark).map(({ what, word, remark }) => `${name}: ${what}: ${word}. ${remark}`),
  )
  const head = line(['', ...columns.map(({ name }) => name)])
  const body = rows.map((row) => line([row, ...columns.map((column) => wordOf(column, row))]))
  return `${[head, ...body, '', ...remarks].join('\n').trimEnd()}\n`
}

/** Prints the report; the process exits with 1 where anything failed. */
export function conclude(columns: readonly Column[]): void {
  process.stdout.write(`\n${report(columns)}`)
  const failed = columns.some(({ verdicts }) => verdicts.some(({ word }) => word === 'FAILED'))
  process.exitCode = failed ? 1 : 0
}
