import type { Entry } from '../journal/entry.ts'
import type { Journal } from '../journal/journal.ts'
import { factsIn, headerIn, waitOf } from '../journal/reading.ts'
import type { Reviewable, Reviewed } from './reviewed.ts'

/** COM-17: what an API gateway that throttles asks for in words, at least. */
const gatewayMillis = 2000

/** A journal as the review sees it: what was sent once more by somebody who looked at it was not the client. */
export const reviewableOf = ({ entries, dropped, restorations }: Journal): Reviewable => ({
  exchanges: entries.filter(({ replayOf }) => replayOf === null).map(reviewedOf),
  dropped,
  restorations,
})

const reviewedOf = (entry: Entry): Reviewed => ({
  ...entry,
  facts: factsIn(entry),
  userId: headerIn(entry.requestHeaders, 'x-user-id'),
  startedAt: entry.wallTime,
  xDate: headerIn(entry.requestHeaders, 'x-date'),
  retryAfter: askedWait(entry),
  lockId: headerIn(entry.requestHeaders, 'x-backup-lock-id') || null, // some clients always send it
  target: entry.path,
})

/** A date is waited for by the clock of whoever reads it, or by that of the answer: the shorter of both is as good. */
function askedWait(entry: Entry): number | null {
  const [byClock, byAnswer] = [waitOf(entry, entry.endedAt), waitOf(entry)]
  if (byClock !== null && byAnswer !== null) return Math.min(byClock, byAnswer) * 1000
  return entry.status === 429 && entry.code === null ? gatewayMillis : null
}
