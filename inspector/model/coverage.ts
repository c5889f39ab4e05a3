import type { CoverageView, GoalKind } from '../../schemas/coverage.ts'

export type Gap = CoverageView['neverMet'][number]

/** What of each kind is counted, as it is told everywhere. */
export const shareWords: Readonly<Record<GoalKind, string>> = {
  operations: 'operations that succeeded',
  refusals: 'refusals of their rules',
  items: 'reasons for items to fail',
  answers: 'kinds of answers',
  mishaps: 'mishaps on the way',
  fields: 'optional fields sent',
}

export interface Share {
  readonly words: string
  readonly met: number
  readonly of: number
}

/** What was met of each kind that there was anything of. */
export const sharesIn = ({ shares }: CoverageView): Share[] =>
  Object.entries(shareWords)
    .map(([kind, words]) => ({ words, ...shares[kind as GoalKind] })) // a key of a record of them
    .filter(({ of }) => of > 0)

/** An operation that never met something, and the call that has it meet it; `null` where only the client can. */
export interface Chance {
  readonly operation: string
  /** Which of several things it was; empty where there is one alone. */
  readonly what: string
  readonly call: string | null
}

/** Of these, what it was is more than the title of their group says. */
const named: readonly GoalKind[] = ['refusals', 'items', 'fields']

/**
 * Where something was never met. A call is one for each thing; what only the client can do is one for each operation.
 *
 * @param world the address of the world in the control plane, which the calls name
 */
export function chancesIn({ kind, at }: Gap, world: string): Chance[] {
  const chances = at.map(({ operation, what, line }) => ({
    operation,
    what: named.includes(kind) ? what : '',
    call: line?.replace('$KOODRIVE_CONTROL_URL', world) ?? null,
  }))
  const alike = Map.groupBy(chances, ({ operation, call }) => `${operation} ${call}`)
  return [...alike.values()].map((these) => ({
    ...(these[0] as Chance), // a group has one
    what: these
      .map(({ what }) => what)
      .filter((what) => what !== '')
      .join(', '),
  }))
}
