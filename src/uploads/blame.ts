import type { PartDigest } from './parts.ts'
import { listed, listRoom, partsNamed } from './ranges.ts'

/** A part that came, with the states around it. */
export interface ChainedPart extends PartDigest {
  readonly partNumber: number
  readonly hasHashCtx: boolean
}

/** Parts of which only the first has a hashCtx: each other begins where the part before it ended. */
interface Run {
  readonly numbers: readonly number[]
  readonly start: string
  readonly end: string
}

/** A run as its neighbours see it. */
interface Judged extends Run {
  readonly startAgrees: boolean
  /** With the hashCtx behind it; the last with the digest of the whole, `undefined` where none is known. */
  readonly endAgrees: boolean | undefined
}

/**
 * DEC-42: what is wrong where a hashCtx is not the state that the part before it ended in. That part is to blame; if its own
 * start disagrees too, its hashCtx is.
 *
 * @param digests of the whole file, as far as they are known
 * @returns `undefined` where all parts chain
 */
export function wrongChain(parts: readonly ChainedPart[], digests: readonly string[]): string | undefined {
  const runs = judgedRuns(parts, digests)
  if (runs.every(({ startAgrees }) => startAgrees)) return undefined
  const blamed = runs.flatMap((run, index) => blame(run, runs[index + 1]) ?? [])
  return listed(
    blamed.map((text) => ({ text, count: 1 })),
    listRoom,
  )
}

/** Parts from the last hashCtx on: what the digest of the whole puts under suspicion where all parts chain (DEC-42). */
export const lastRun = (parts: readonly ChainedPart[]): readonly number[] =>
  runsOf(parts)
    .slice(-1)
    .flatMap(({ numbers }) => numbers)

function judgedRuns(parts: readonly ChainedPart[], digests: readonly string[]): Judged[] {
  const runs = runsOf(parts)
  const wholeAgrees = digests.length === 0 ? undefined : parts.slice(-1).some(({ sha256 }) => digests.includes(sha256))
  return runs.map((run, index) => {
    const [before, after] = [runs[index - 1], runs[index + 1]]
    const startAgrees = before === undefined || before.end === run.start
    return { ...run, startAgrees, endAgrees: after ? run.end === after.start : wholeAgrees }
  })
}

function runsOf(parts: readonly ChainedPart[]): Run[] {
  const runs: { numbers: number[]; start: string; end: string }[] = []
  for (const { partNumber, hasHashCtx, start, end } of parts) {
    const run = runs.at(-1)
    if (run === undefined || hasHashCtx) runs.push({ numbers: [partNumber], start, end })
    else {
      run.numbers.push(partNumber)
      run.end = end
    }
  }
  return runs
}

function blame(run: Judged, after: Judged | undefined): string | undefined {
  if (run.endAgrees !== false) return undefined
  const [first] = run.numbers
  if (!run.startAgrees) return `the hashCtx of part ${first} is wrong${alongWith(run)}`
  if (after === undefined) return `${bytesOf(run)} than sha256 says`
  const [next] = after.numbers
  if (after.endAgrees === undefined) {
    return `${bytesOf(run)} than the hashCtx of part ${next} says, or that hashCtx is wrong; a sha256 would tell`
  }
  // Where the end of the next disagrees as well, its hashCtx is to blame for both.
  return after.endAgrees ? `${bytesOf(run)} than the hashCtx of part ${next} says` : undefined
}

const bytesOf = ({ numbers }: Run): string =>
  `${numbers.length > 1 ? 'one of ' : ''}${partsNamed(numbers)} has other bytes`

/** Parts that were hashed from the end of one with a wrong hashCtx. */
const alongWith = ({ numbers }: Run): string =>
  numbers.length > 1 ? `, and ${partsNamed(numbers.slice(1))} behind it must be sent again with it` : ''
