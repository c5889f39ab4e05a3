import type { Summary } from '../../schemas/journal.ts'
import { isoInstant } from '../store/snowflake.ts'
import type { Entry } from './entry.ts'
import { hasWorked, outcomeIn } from './outcome.ts'
import { factsIn, headerIn, waitOf } from './reading.ts'

/** What every view of an entry begins with. */
export const headOf = ({ id, time, wallTime, durationMs, operation, method, path, world }: Entry) => ({
  id,
  time: isoInstant(time),
  wallTime: isoInstant(wallTime),
  durationMs,
  operation,
  method,
  path,
  world,
})

/** An entry as a row of a list. */
export function summaryOf(entry: Entry): Summary {
  const { sent, given, items, unread } = factsIn(entry)
  return {
    ...headOf(entry),
    userId: headerIn(entry.requestHeaders, 'x-user-id'),
    lockId: headerIn(entry.requestHeaders, 'x-backup-lock-id'),
    sent: { ...sent },
    given: textsOf(given),
    status: entry.status,
    code: entry.code,
    refusal: entry.refusal,
    reason: entry.reason,
    outcome: outcomeIn(entry),
    worked: hasWorked(entry),
    items: items && { done: items.done, failed: items.failed.length },
    delivered: entry.delivered,
    fault: entry.fault,
    retryAfter: waitOf(entry),
    rowsWritten: entry.rowsWritten,
    unread: unread.length,
    connection: entry.connection,
    isFirstOnConnection: entry.isFirstOnConnection,
    replayOf: entry.replayOf,
    madeFirst: entry.madeFirst,
    clockMoved: entry.clockMoved,
  }
}

const textsOf = (given: object): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === 'string'))
