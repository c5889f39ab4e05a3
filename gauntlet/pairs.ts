import type { Adversity } from './adversity.ts'
import type { Kind } from './kind.ts'
import type { JudgedRun } from './trial.ts'

/** So many calls after the mishap are looked at. */
const mostLater = 6

/**
 * What a client did only because something had gone wrong, nobody has seen fail yet: of each such call, a run in which it
 * fails as well.
 */
export function pairsOf(trials: readonly JudgedRun[], { calls }: Kind): Adversity[] {
  const usual = Map.groupBy(calls, ({ operation }) => operation)
  const known = new Set<string>()
  return trials.flatMap(({ adversity, run, verdict }) => {
    if (!['survived', 'RUDE', 'cried wolf', 'gave up'].includes(verdict) || adversity.faults.length === 0) return []
    const struck = run.entries.findIndex(({ fault }) => fault !== null)
    if (struck < 0) return []
    const later = run.entries.slice(struck + 1, struck + 1 + mostLater)
    return later.flatMap(({ operation }, place): Adversity[] => {
      if (operation === null || operation === 'uploadPart' || operation === adversity.operation) return []
      const before = run.entries.slice(0, struck + 1 + place)
      const nth = before.filter((entry) => entry.operation === operation).length + 1
      const isNew = nth > (usual.get(operation)?.length ?? 0) || place === 0
      const way = `${adversity.operation} ${adversity.what} > ${operation}`
      if (!isNew || known.has(way)) return []
      known.add(way)
      return [paired(adversity, operation, nth)]
    })
  })
}

/** Both may be too much for a client, which may give up then. */
const paired = (adversity: Adversity, operation: string, nth: number): Adversity => ({
  ...adversity,
  id: `${adversity.id}+${operation}#${nth}:outage`,
  what: `${adversity.what}+outage`,
  kind: 'outage',
  says: `${adversity.says}; and ${operation} failed from its call ${nth} on`,
  faults: [
    ...adversity.faults,
    { operations: [operation], when: { from: nth }, effect: { type: 'refuse', error: 'internal' } },
  ],
})
