import type { CoverageView, GoalKind } from '../schemas/coverage.ts'
import { goalKinds } from '../schemas/coverage.ts'
import { UsageError } from './usage-error.ts'

/** How much of a kind must be met at least, in percent. */
export interface Bound {
  readonly kind: GoalKind
  readonly percent: number
}

/** @throws UsageError unless it is a kind and a whole number of percent, such as `refusals=50` */
export function readBound(given: string): Bound {
  const [, name, digits] = /^(\w+)=(\d{1,3})$/.exec(given) ?? []
  const kind = goalKinds.find((known) => known === name)
  const percent = Number(digits)
  if (kind && percent <= 100) return { kind, percent }
  throw new UsageError(
    `--fail-under takes a kind and percent such as refusals=50, not "${given}"; kinds are ${goalKinds.join(', ')}`,
  )
}

/** Why a bound does not hold; `undefined` where it does. Of what there is nothing of, all is met. */
export function shortfall({ shares }: CoverageView, { kind, percent }: Bound): string | undefined {
  const { met, of } = shares[kind]
  if (met * 100 >= percent * of) return undefined
  return `coverage of ${kind} is ${met} of ${of}, which is under ${percent} %`
}
