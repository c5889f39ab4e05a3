import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { isPaged } from '../../schemas/operation.ts'
import { isRefusal } from '../errors.ts'
import type { Rule } from '../operations/rule.ts'
import { isAfterEmptyPage } from '../world/cursor.ts'
import type { Random } from '../world/random.ts'
import type { Unkindness } from '../world/unkindness.ts'

type AnyRule = Rule<Operation>

/** Lists whose order neither a contract nor a decision promises, by operation. */
const unordered: Partial<Record<OperationId, readonly string[]>> = {
  batchDeleteBackupScope: ['scopeIdList', 'failedScopeList'],
}

/** How often a page is empty and has a cursor all the same; never twice in a row, so that every list ends. */
const emptiness = 1 / 3

/**
 * In an unkind world: pages of one or of nothing, lists in any order, and fields that nobody has heard of. All of it is
 * permitted. Cursors that need encoding are the world's own, because `explain` has to know them, too.
 */
export function unkindly(id: OperationId, rule: AnyRule): AnyRule {
  const hasPages = isPaged(contracts[id])
  return (world, request) => {
    const { unkindness } = world
    if (unkindness === null) return rule(world, request)
    const query = hasPages
      ? { ...Object(request.query), pageSize: pageSizeFor(request.query, unkindness) }
      : request.query
    const answer = rule(world, { ...request, query })
    if (isRefusal(answer)) return answer
    const payload: Record<string, unknown> = { ...answer }
    for (const list of unordered[id] ?? []) payload[list] = ordered([payload[list]].flat(), unkindness)
    return unkindness.fields ? withUnknownFields(payload, unkindness.random) : payload
  }
}

function pageSizeFor(query: unknown, { pages, random }: Unkindness): number {
  const { pageSize, cursor = '' } = Object(query)
  if (pages === 'asked') return pageSize
  if (pages !== 'varied' && pages !== 'sparse') return Math.min(pages, pageSize)
  const mayBeEmpty = !isAfterEmptyPage(cursor)
  return mayBeEmpty && (pages === 'sparse' || random.fraction() < emptiness) ? 0 : 1
}

function ordered(items: readonly unknown[], { order, random }: Unkindness): readonly unknown[] {
  if (order === 'kept') return items
  return order === 'reversed' ? items.toReversed() : shuffle(items, random)
}

function shuffle(items: readonly unknown[], random: Random): unknown[] {
  return items
    .map((item) => ({ item, place: random.fraction() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}

/** A field at the top, and one in every object of the payload. */
function withUnknownFields(payload: object, random: Random): Record<string, unknown> {
  const name = `x${Math.floor(random.fraction() * 1e6)}`
  const extend = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(extend)
    return typeof value === 'object' && value !== null ? { ...value, [name]: null } : value
  }
  const extended = Object.entries(payload).map(([key, value]) => [key, extend(value)])
  return { ...Object.fromEntries(extended), [name]: random.fraction() }
}
