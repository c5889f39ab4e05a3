import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'

interface PageQuery {
  /** From 1; in unkind worlds 0, too: a page without items whose cursor goes on. */
  readonly pageSize: number
  readonly cursor?: string
}

interface Page<Item> {
  data: Item[]
  nextCursor?: string
}

/**
 * DEC-28: one page of a list, oldest first. A position is an id, so that what is made or deleted between pages neither
 * repeats nor hides anything else.
 *
 * @param list names the operation, the user and the filters, to which a cursor is bound
 * @param read answers at most `limit` items with ids above `after`
 * @throws Refusal `invalid` for a cursor that is not ours
 */
export function pageOf<Item>(
  world: World,
  list: readonly string[],
  { pageSize, cursor }: PageQuery,
  idOf: (item: Item) => string,
  read: (after: bigint, limit: number) => Item[],
): Page<Item> {
  const after = cursor === undefined ? beginning : positionOf(world, list, cursor)
  const items = read(after, pageSize + 1)
  const data = items.slice(0, pageSize)
  if (items.length <= pageSize) return { data }
  const last = data.at(-1)
  const position = last === undefined ? String(after) : idOf(last)
  return { data, nextCursor: world.cursors.seal(list, position, last === undefined) }
}

/** What lies before every id. */
const beginning = -1n

function positionOf(world: World, list: readonly string[], cursor: string): bigint {
  const position = world.cursors.open(list, cursor)
  if (position !== undefined) return position
  throw refuse('invalid', `query/cursor ${mistakeIn(world, list, cursor)} [DEC-28]`)
}

function mistakeIn(world: World, list: readonly string[], cursor: string): string {
  if (cursor === '') return 'is empty; leave it out on the first page'
  if (/^(null|undefined)$/i.test(cursor)) return `is the word ${cursor}; leave it out on the first page`
  if (world.cursors.open(list, cursor.replaceAll(' ', '+')) !== undefined) {
    return 'has a space where its page had a plus; encode it, a plus as %2B'
  }
  return 'was not made for this list; expected the nextCursor of its last page'
}
