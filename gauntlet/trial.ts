import type { Adversity, PlannedFault } from './adversity.ts'
import type { RunJudgement, Standard } from './judge.ts'
import { judgeRun } from './judge.ts'
import type { Kind } from './kind.ts'
import { masked } from './masks.ts'
import type { Circumstances, Run } from './run.ts'
import { runOnce } from './run.ts'
import type { VerdictName } from './verdict.ts'
import { isFailing } from './verdict.ts'

/** One run under an adversity, and what is to be said of it. */
export interface JudgedRun extends RunJudgement {
  readonly adversity: Adversity
  readonly run: Run
  /** What it was the first time, where it was otherwise the second. */
  readonly before: VerdictName | null
}

export interface TrialOptions {
  readonly isStrict: boolean
  readonly withHar: boolean
  readonly withWorlds: boolean
}

/**
 * Runs the client while this goes wrong, and judges. What fails is tried a second time before anybody hears of it: a machine
 * that was busy for a moment is no fault of the client, and what goes otherwise the second time counts as it went then.
 */
export async function tryOut(
  adversity: Adversity,
  around: Circumstances,
  kind: Kind,
  options: TrialOptions,
): Promise<JudgedRun> {
  const first = await tryOnce(adversity, around, kind, options)
  if (!isDoubtful(first) || around.signal.aborted) return first
  const second = await tryOnce(adversity, around, kind, options)
  return second.verdict === first.verdict ? first : { ...second, before: first.verdict }
}

/** A failure; and one of which nobody knows why, for what was to happen never came up. */
const isDoubtful = ({ verdict, run }: JudgedRun): boolean =>
  isFailing(verdict) || (verdict === 'not met' && run.status !== 0)

async function tryOnce(
  adversity: Adversity,
  around: Circumstances,
  kind: Kind,
  { isStrict, ...kept }: TrialOptions,
): Promise<JudgedRun> {
  const { limits } = kind
  const run = await runOnce(around, { id: adversity.id, adversity, limits, ...kept })
  const standard =
    adversity.reference && run.met > 0
      ? await withReference(adversity.id, adversity.reference, around, kind)
      : kind.standard
  return { adversity, run, before: null, ...judgeRun(adversity, run, standard, isStrict) }
}

/** How it ends, and what is on the way, where somebody else came earlier. */
async function withReference(
  id: string,
  faults: readonly PlannedFault[],
  around: Circumstances,
  { standard, limits }: Kind,
): Promise<Standard> {
  const other = await runOnce(around, { id: `${id}:earlier`, faults, limits, isWatched: true })
  const states = other.states.map((state) => masked(state, standard.masks))
  const ends = other.status === 0 && other.met > 0 ? [masked(other.entities, standard.masks)] : standard.ends
  return { ...standard, ends, states: [...standard.states, ...states] }
}
