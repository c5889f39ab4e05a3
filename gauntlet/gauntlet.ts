import { noWorlds } from '../cli/kept-worlds.ts'
import { UsageError } from '../cli/usage-error.ts'
import type { Adversity } from './adversity.ts'
import type { GauntletCourse } from './course.ts'
import type { Group } from './groups.ts'
import { groupsIn } from './groups.ts'
import type { Kind } from './kind.ts'
import { runKindly } from './kind.ts'
import { pairsOf } from './pairs.ts'
import { planOf } from './plan.ts'
import { inTurns } from './queue.ts'
import type { Circumstances } from './run.ts'
import type { JudgedRun } from './trial.ts'
import { tryOut } from './trial.ts'
import { isFailing } from './verdict.ts'

/** What came of it. */
export interface GauntletOutcome {
  readonly kind: Kind
  readonly plan: readonly Adversity[]
  readonly trials: readonly JudgedRun[]
  readonly groups: readonly Group[]
  /** Whether everything planned was tried. */
  readonly isComplete: boolean
}

/** Who wants to hear of it on the way. */
export interface GauntletListener {
  onKind?(kind: Kind, plan: readonly Adversity[]): void
  /** Because of what was tried, so many more are to be. */
  onMore?(count: number): void
  onTrial?(trial: JudgedRun): void
}

/** Whether an id is meant: by itself, by its call, by its end, or as a whole with all that follows it. */
export const isMeant = (id: string, words: readonly string[]): boolean =>
  words.some(
    (word) => id === word || id.startsWith(`${word}:`) || (word.startsWith(':') && `${id}-`.includes(`${word}-`)),
  )

/** The id of what is wrong although nothing goes wrong. */
export const nothing = 'none'

/** The adversity that comes first in a pair; any other stands for itself. */
export const firstOf = (id: string): string => id.replace(/\+.*/, '')

/** @throws UsageError where something that was asked for, or everything, would not be tried; of a pair, its first half counts */
export function requireMeant(plan: readonly Adversity[], { only }: Pick<GauntletCourse, 'only'>): void {
  const planned = [nothing, ...plan.map(({ id }) => id)] // what is wrong without mishap is seen in every call
  const idle = only.filter((word) => !planned.some((id) => isMeant(id, [word, firstOf(word)])))
  if (idle.length > 0)
    throw new UsageError(`--only ${idle.join(', --only ')} leaves nothing to try; --list tells what there is`)
  if (plan.length === 0 && !only.includes(nothing))
    throw new UsageError('--skip leaves nothing to try; --list tells what there is')
}

/** What is to be tried, and what it is held against. */
export async function prepare(
  around: Circumstances,
  course: GauntletCourse,
): Promise<{ kind: Kind; plan: Adversity[] }> {
  const kind = await runKindly(around, course)
  const { only, skip } = course
  const wanted = only.length === 0 ? planOf(kind.calls, course.depth) : planOf(kind.calls, 'all')
  const plan = wanted.filter(
    ({ id }) => (only.length === 0 || isMeant(id, [...only, ...only.map(firstOf)])) && !isMeant(id, skip),
  )
  return { kind, plan }
}

/** Runs a client twice as it is, and once for each thing that could go wrong for it. */
export async function runGauntlet(
  around: Circumstances,
  course: GauntletCourse,
  listener: GauntletListener = {},
): Promise<GauntletOutcome> {
  const { kind, plan } = await prepare(around, course)
  listener.onKind?.(kind, plan)
  const own = { ...around, user: kind.user }
  let isStopped = false
  const tryAll = (adversities: readonly Adversity[]) =>
    inTurns(
      adversities,
      course.jobs,
      () => !isStopped && !around.signal.aborted,
      async (adversity) => {
        const trial = await tryOut(adversity, own, kind, { ...course, isStrict: course.strict })
        if (course.failFast && isFailing(trial.verdict) && !course.isKnown?.(trial)) isStopped = true
        if (around.signal.aborted) return [] // it was ended, and shows nothing
        listener.onTrial?.(trial)
        return [withoutFiles(trial)]
      },
    )
  const singles = (await tryAll(plan)).flat()
  const isPairWanted = (id: string) =>
    course.only.length === 0 || course.only.every((word) => !word.includes('+')) || course.only.includes(id)
  const more =
    course.pairs || course.only.some((word) => word.includes('+'))
      ? pairsOf(singles, kind).filter(({ id }) => isPairWanted(id))
      : []
  listener.onMore?.(more.length)
  const doubles = (await tryAll(more)).flat()
  const planned = [...plan, ...more]
  const isComplete = singles.length + doubles.length === planned.length
  const trials = [...kindTrials(kind), ...singles, ...doubles]
  return { kind, plan: planned, trials, groups: groupsIn(trials), isComplete }
}

/** They are written by now, and there may be many. */
const withoutFiles = (trial: JudgedRun): JudgedRun => ({
  ...trial,
  run: { ...trial.run, har: undefined, worlds: noWorlds },
})

/** What the client owes and does not keep to although nothing goes wrong, as a trial in which nothing befell it. */
const kindTrials = ({ breaches, runs: [run] }: Kind): JudgedRun[] =>
  breaches.map(({ rule, text }) => ({
    adversity: {
      id: nothing,
      operation: null,
      what: nothing,
      kind: 'legal',
      says: 'nothing went wrong',
      faults: [],
      restsOn: rule === 'lock-never-released' ? ['LOC-1', 'LOC-3', 'DEC-25'] : ['COM-4', 'DEC-5'],
    },
    run,
    before: null,
    verdict: 'RUDE',
    why: [text],
    sign: `RUDE ${rule}`,
    difference: null,
    remarks: [],
  }))
