import { JournalQuery } from '../../schemas/journal.ts'
import { citedIn, isStatement } from '../../schemas/statements.ts'
import { coverageView } from '../coverage/view.ts'
import type { Entry } from '../journal/entry.ts'
import { harOf } from '../journal/har.ts'
import type { Search } from '../journal/search.ts'
import { searchEntries } from '../journal/search.ts'
import type { WholeEntryView } from '../journal/view.ts'
import { wholeViewOf } from '../journal/view.ts'
import type { Review } from '../review/finding.ts'
import { reviewableOf } from '../review/reading.ts'
import { review, reviewRules } from '../review/rules.ts'
import type { World } from '../world/world.ts'
import type { Worlds } from '../world/worlds.ts'
import { instantIn } from './instants.ts'
import { Problem } from './problem.ts'
import { requireListener, tellOf } from './telling.ts'

/** The entries of a world's journal that fit. @throws Problem 400 */
export function found(world: World, query: JournalQuery): Entry[] {
  const search = searchOf(query)
  const { finding, fact } = search
  const { entries: all } = world.journal
  const entries = fact === undefined ? all : all.filter(({ reason }) => citedIn(reason).some((id) => id === fact))
  if (finding === undefined) return searchEntries(entries, search)
  const findings = reviewOf(world).findings.filter(({ rule }) => finding === 'any' || rule === finding)
  return searchEntries(entries, search, new Set(findings.flatMap(({ requests }) => requests)))
}

/** What a reviewer of the client would say to the exchanges in the journal. */
export const reviewOf = ({ journal }: World): Review => review(reviewableOf(journal))

/** A world as it is now, for whoever asks about it once it is over. */
export function pastWorld(world: World, base: string) {
  const { name, journal, coverage } = world
  return {
    name,
    dropped: journal.dropped,
    review: () => reviewOf(world).findings,
    coverage: () => coverageView(coverage),
    har: () => harOf(journal.entries, base),
  }
}

const known = new Set(Object.keys(JournalQuery.properties))
const findable = ['any', ...reviewRules.map(({ rule }) => rule)]

/** @throws Problem 400 where somebody hopes to be told of some entries alone */
export function refuseFilters(query: object): void {
  const filter = Object.keys(query).find((name) => known.has(name) || name.startsWith('body.'))
  if (filter !== undefined)
    throw new Problem(400, `query/${filter}: the stream tells of every entry; take from it what is wanted`)
}

function searchOf(query: JournalQuery): Search {
  const others = Object.entries(query).filter(([key]) => !known.has(key))
  const unknown = others.find(([key]) => !key.startsWith('body.'))
  if (unknown)
    throw new Problem(400, `query/${unknown[0]} is not known; expected ${[...known].join(', ')} or body.<name>`)
  for (const name of ['since', 'until'] as const) {
    const instant = query[name]
    if (instant !== undefined) instantIn(`query/${name}`, instant)
  }
  const body = Object.fromEntries(others.map(([key, value]) => [key.slice('body.'.length), String(value)]))
  const { status, code, limit, after, unread, finding, fact } = query
  if (finding !== undefined && !findable.includes(finding))
    throw new Problem(400, `query/finding is no rule of the review; expected one of ${findable.join(', ')}`)
  if (fact !== undefined && !isStatement(fact))
    throw new Problem(400, 'query/fact is no fact or decision; expected an id such as CFG-2 or DEC-1')
  return {
    ...query,
    status: number(status),
    code: number(code),
    limit: number(limit),
    after: number(after),
    unread: unread && unread === 'true',
    body,
  }
}

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

/** A search as it stands in a query; of what is no search, whatever it holds, to be judged there. */
export function searchQuery(search: Search): Record<string, string> {
  const { body, ...others } = Object(search)
  const ofBody = Object.entries(Object(body)).map(([name, value]) => [`body.${name}`, textOf(value)])
  return Object.fromEntries([...Object.entries(others).map(([name, value]) => [name, textOf(value)]), ...ofBody])
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/**
 * Tells a listener in this process of every entry as it comes, of whichever world bears the name; what it throws is for
 * whoever looks after what nobody caught.
 *
 * @returns what ends that
 * @throws Problem 400
 */
export function tell(worlds: Worlds, name: string, listener: (entry: WholeEntryView) => void): () => void {
  requireListener(listener, 'an entry')
  return worlds.watch(name, (entry) => tellOf(entry, (one) => listener(wholeViewOf(one))))
}
