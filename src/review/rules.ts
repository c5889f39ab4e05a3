import { backupRules } from './backup-rules.ts'
import { callRules } from './call-rules.ts'
import { changeRules } from './change-rules.ts'
import type { Finding, Review, ReviewRule } from './finding.ts'
import { History } from './history.ts'
import type { Reviewable, Reviewed } from './reviewed.ts'
import { uploadRules } from './upload-rules.ts'

/** All rules, in the order of their findings. */
export const reviewRules: readonly ReviewRule[] = [...backupRules, ...uploadRules, ...changeRules, ...callRules]

/**
 * What a reviewer of the client would say to what it did. What came before the world was put back to another state and
 * what came after have nothing to do with each other, and of what was undone nothing can be missing.
 */
export function review({ exchanges, dropped, restorations }: Reviewable): Review {
  const eras = erasOf(exchanges, restorations).map((era) => new History(era, exchanges))
  const last = eras.at(-1)
  const findings = reviewRules.flatMap((rule) =>
    eras.filter((era) => era === last || !rule.isOfAbsence).flatMap((era) => findingsOf(rule, era)),
  )
  return { findings, complete: dropped === 0, dropped }
}

const findingsOf = ({ rule, title, message, facts, find }: ReviewRule, era: History): Finding[] =>
  find(era).map((shown) => ({ rule, title, message, facts, requests: shown.map(({ id }) => id) }))

/** The exchanges between one restoration and the next; one that was under way meanwhile is in none. */
function erasOf(exchanges: readonly Reviewed[], restorations: readonly number[]): Reviewed[][] {
  const bounds = [0, ...restorations, Number.POSITIVE_INFINITY]
  const eras: Reviewed[][] = bounds.slice(1).map(() => [])
  let place = 0
  for (const exchange of exchanges) {
    while (exchange.id > Number(bounds[place + 1])) place += 1
    if (exchange.begunAfter >= Number(bounds[place])) eras[place]?.push(exchange)
  }
  return eras
}
