import type { ExchangeShown } from '../../schemas/journal.ts'
import { citedIn } from '../../schemas/statements.ts'
import { checksOf } from '../http/check.ts'
import type { Entry } from '../journal/entry.ts'
import { hasWorked, outcomeIn } from '../journal/outcome.ts'
import { factsIn, headerIn } from '../journal/reading.ts'
import { entryText, viewOf } from '../journal/view.ts'
import type { World } from '../world/world.ts'
import { reviewOf } from './journal.ts'
import { Problem } from './problem.ts'

/** The entry of this number. @throws Problem 404 that says whether it ever was there */
export function entryOf({ name, journal }: World, id: number): Entry {
  const entry = journal.find(id)
  if (entry) return entry
  const isGone = id > 0 && id <= journal.lastId
  throw new Problem(
    404,
    isGone
      ? `the journal of the world ${name} no longer keeps the request ${id}`
      : `the world ${name} has had no request ${id}`,
  )
}

/** An entry with all that is known of it, to be shown in process or to be sent. */
export class ExchangeView {
  readonly #entry: Entry
  readonly #rest: Omit<ExchangeShown, keyof ReturnType<typeof viewOf>>

  constructor(world: World, entry: Entry) {
    const worked = hasWorked(entry)
    this.#entry = entry
    this.#rest = {
      userId: headerIn(entry.requestHeaders, 'x-user-id'),
      refusal: entry.refusal,
      outcome: outcomeIn(entry),
      worked,
      requestText: entry.requestBody.text,
      responseText: entry.responseBody.text,
      items: itemsOf(entry),
      checks: checksOf({ ...entry, worked }),
      facts: citedIn(entry.reason),
      changes: entry.changes && [...entry.changes],
      changesOmitted: entry.changesOmitted,
      findings: reviewOf(world)
        .findings.filter(({ requests }) => requests.includes(entry.id))
        .map((finding) => ({ ...finding, facts: [...finding.facts], requests: [...finding.requests] })),
      replayOf: entry.replayOf,
      madeFirst: entry.madeFirst,
      replays: world.journal.entries
        .filter(({ replayOf, madeFirst }) => replayOf === entry.id && !madeFirst)
        .map(({ id }) => id),
    }
  }

  /** The same with the numbers of JavaScript. */
  get value(): ExchangeShown {
    const { unread, ...view } = viewOf(this.#entry)
    return { ...view, unread: [...unread], ...this.#rest }
  }

  /** As JSON, in which bodies stand as they were written. */
  toText(): string {
    return `${entryText(this.#entry).slice(0, -1)},${JSON.stringify(this.#rest).slice(1)}`
  }
}

function itemsOf(entry: Entry): ExchangeShown['items'] {
  const { items } = factsIn(entry)
  return items && { done: items.done, failed: items.failed.map(({ index, code }) => ({ index, code })) }
}
