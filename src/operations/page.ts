import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'

interface PageQuery {
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
  const after = cursor === undefined ? -1n : world.cursors.open(list, cursor)
  if (after === undefined) {
    throw refuse(
      'invalid',
      'query/cursor was not made for this list; expected the nextCursor of its last page [DEC-28]',
    )
  }
  const items = read(after, pageSize + 1)
  const data = items.slice(0, pageSize)
  const last = data.at(-1)
  return items.length > pageSize && last !== undefined
    ? { data, nextCursor: world.cursors.seal(list, idOf(last)) }
    : { data }
}
