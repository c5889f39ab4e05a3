import { visible } from '../cli/visible.ts'
import type { Baseline } from './baseline.ts'
import type { Shape } from './shape.ts'
import { answerShape } from './shape.ts'

type Fact = Baseline['facts'][number]

/** What changed between two runs: results, and answers where the results are the same. */
export function diffOf(before: Baseline, after: Baseline): string {
  const known = new Map(before.facts.map((fact) => [keyOf(fact), fact]))
  const present = new Set(after.facts.map(keyOf))
  const lines = [
    ...after.facts.flatMap((fact) => changeOf(known.get(keyOf(fact)), fact)),
    ...before.facts
      .filter((fact) => !present.has(keyOf(fact)))
      .map((fact) => `${keyOf(fact)}: gone, was ${fact.result}`),
    ...driftOf(known, after),
  ]
  const title = `Since the run at ${before.startedAt} against ${before.target}`
  const early = before.ended !== undefined && before.ended !== 'complete' ? ', which did not come to its end' : ''
  return `${[visible(`${title}${early}`), ...(lines.length > 0 ? lines : ['nothing changed']).map((line) => `  ${visible(line)}`)].join('\n')}\n`
}

const keyOf = ({ id, standing }: Fact): string => `${id} (${standing})`

function changeOf(before: Fact | undefined, after: Fact): string[] {
  if (!before) return [`${keyOf(after)}: new, ${after.result}`]
  return before.result === after.result ? [] : [`${keyOf(after)}: was ${before.result}, is ${after.result}`]
}

/** One line for each way in which answers changed, with the facts that show it. */
function driftOf(known: ReadonlyMap<string, Fact>, after: Baseline): string[] {
  const seen = new Map<string, string[]>()
  for (const fact of after.facts) {
    const before = known.get(keyOf(fact))
    if (before?.result !== fact.result) continue
    for (const line of driftBetween(before, fact)) seen.set(line, [...(seen.get(line) ?? []), fact.id])
  }
  return [...seen].map(([line, ids]) => `${line} [${[...new Set(ids)].join(' ')}]`)
}

function driftBetween(before: Fact, after: Fact): string[] {
  // Where either run has nothing to show, as after an interruption, there is nothing to compare.
  if (before.evidence.length === 0 || after.evidence.length === 0) return []
  const [old, present] = [answersOf(before), answersOf(after)]
  return [
    ...[...present].flatMap(([key, shape]) => {
      const earlier = old.get(key)
      return earlier ? namesBetween(earlier, shape) : [`${key} is new`]
    }),
    ...[...old.keys()].filter((key) => !present.has(key)).map((key) => `${key} is gone`),
  ]
}

/** The kinds of answers that a fact's evidence holds, each with all that was seen of its form. */
function answersOf({ evidence }: Fact): Map<string, Shape> {
  const answers = new Map<string, Shape>()
  for (const shape of evidence.map(answerShape)) {
    const key = `${shape.operation} answering ${shape.verdict}`
    const { names, empty } = answers.get(key) ?? shape
    const all = { names: new Set([...names, ...shape.names]), empty: new Set([...empty, ...shape.empty]) }
    answers.set(key, { ...shape, ...all })
  }
  return answers
}

function namesBetween(before: Shape, after: Shape): string[] {
  const what = `${after.operation} answering ${after.verdict}`
  return [
    ...missing(before, after).map((name) => `${what} has ${name} now`),
    ...missing(after, before).map((name) => `${what} has ${name} no more`),
  ]
}

/** What one has and the other lacks, unless the other's list had no item to show it. */
const missing = (from: Shape, all: Shape): string[] =>
  [...all.names].filter((name) => !from.names.has(name) && ![...from.empty].some((list) => name.startsWith(list)))
