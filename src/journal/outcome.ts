import type { Outcome } from '../../schemas/journal.ts'
import type { Entry } from './entry.ts'
import { factsIn } from './reading.ts'

/** Whether the work of an exchange was done, whatever became of its answer. */
export function hasWorked(entry: Entry): boolean {
  if (entry.isInjected || entry.refusal !== null) return false
  return entry.operation === 'uploadPart' ? entry.status === 200 || entry.rowsWritten > 0 : entry.code === 0
}

/** How an exchange ended, in one word. */
export function outcomeIn(entry: Entry): Outcome {
  if (entry.status === null || !entry.delivered) return 'unanswered'
  if (entry.isInjected) return 'injected'
  if (!hasWorked(entry)) return 'refused'
  const { items } = factsIn(entry)
  return items && items.failed.length > 0 ? 'partial' : 'accepted'
}
