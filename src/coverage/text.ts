import type { CoverageView, GoalKind } from '../../schemas/coverage.ts'
import { goalKinds } from '../../schemas/coverage.ts'

/** What of each kind is counted. */
export const titles: Readonly<Record<GoalKind, string>> = {
  operations: 'operations that succeeded',
  refusals: 'refusals of their rules',
  items: 'reasons for items to fail',
  answers: 'kinds of answers',
  mishaps: 'mishaps on the way',
  fields: 'optional fields sent',
}

/** Coverage for a person: shares, then by remedy what was never met of the operations that were called. */
export function coverageText({ shares, neverMet, neverCalled }: CoverageView): string {
  const sums = goalKinds.map((kind) => {
    const { met, of } = shares[kind]
    return `${titles[kind].padEnd(27)}${String(met).padStart(3)} of ${of}`
  })
  const gaps =
    neverMet.length > 0 ? ['', 'Never met, of the operations that were called', ...neverMet.flatMap(gapLines)] : []
  const rest = neverCalled.length > 0 ? ['', `Never called: ${neverCalled.join(', ')}`] : []
  return `${[...sums, ...gaps, ...rest].join('\n')}\n`
}

type Gap = CoverageView['neverMet'][number]

function gapLines({ kind, what, at, gauntlet }: Gap): string[] {
  const lines = [at[0]?.line, gauntlet].flatMap((line) => (line ? [`      ${line}`] : []))
  return [`  ${what}`, `      at ${listed(placesOf(kind, at))}`, ...lines]
}

/** Of these, what it was is more than the words above it say. */
const named: readonly GoalKind[] = ['refusals', 'items', 'fields']

const placesOf = (kind: GoalKind, at: Gap['at']): string[] =>
  [...Map.groupBy(at, ({ operation }) => operation)].map(([operation, these]) =>
    named.includes(kind) ? `${operation} (${these.map(({ what }) => what).join(', ')})` : operation,
  )

/** So many are named. */
const mostNamed = 4

const listed = (places: readonly string[]): string =>
  places.length > mostNamed
    ? `${places.slice(0, mostNamed).join(', ')} and ${places.length - mostNamed} more`
    : places.join(', ')
