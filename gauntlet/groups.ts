import type { JudgedRun } from './trial.ts'
import { isFailing } from './verdict.ts'

/** Runs that went wrong for one reason, the one that shows it soonest first. */
export interface Group {
  readonly verdict: JudgedRun['verdict']
  readonly example: JudgedRun
  readonly trials: readonly JudgedRun[]
}

/** What went wrong, the reason that shows most often first. */
export function groupsIn(trials: readonly JudgedRun[]): Group[] {
  const failures = trials.filter(({ verdict }) => isFailing(verdict))
  const bySign = [...Map.groupBy(failures, ({ sign }) => sign).values()]
  const groups = withoutDeaf(bySign).flatMap((alike) =>
    alike
      .toSorted(byLength)
      .slice(0, 1)
      .map((example): Group => ({ verdict: example.verdict, example, trials: alike })),
  )
  return groups.sort(
    (one, other) =>
      other.trials.length - one.trials.length || (one.example.adversity.id < other.example.adversity.id ? -1 : 1),
  )
}

/** Where so many operations fail for good and success is said all the same, it is said whatever happens. */
const deafAt = 3

/** Failures of a client that says success whatever it is refused are one, and not one for each operation. */
function withoutDeaf(bySign: readonly (readonly JudgedRun[])[]): readonly (readonly JudgedRun[])[] {
  const isOutage = ({ verdict, adversity }: JudgedRun) => verdict === 'LIED' && adversity.what === 'outage'
  const operations = new Set(
    bySign
      .flat()
      .filter(isOutage)
      .map(({ adversity }) => adversity.operation),
  )
  if (operations.size < deafAt) return bySign
  const isRefused = ({ verdict, adversity: { kind, what } }: JudgedRun) =>
    verdict === 'LIED' && ['outage', 'world'].includes(kind) && what !== 'competitor'
  const isDeaf = (alike: readonly JudgedRun[]) => alike.some(isOutage) || alike.every(isRefused)
  return [bySign.filter(isDeaf).flat(), ...bySign.filter((alike) => !isDeaf(alike))]
}

/** The fewer calls, the sooner seen; of as many, by name, so that the same run always stands for the others. */
const byLength = (one: JudgedRun, other: JudgedRun): number =>
  one.run.entries.length - other.run.entries.length || (one.adversity.id < other.adversity.id ? -1 : 1)
