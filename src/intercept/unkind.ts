import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { isRefusal } from '../errors.ts'
import type { Rule } from '../operations/rule.ts'
import type { Random } from '../world/random.ts'

type AnyRule = Rule<Operation>

/** Lists whose order nobody promised, by operation. */
const unordered: Partial<Record<OperationId, string>> = {
  batchAddBackupScope: 'scopeList',
  listBackupScope: 'scopeList',
  listConfigInfos: 'data',
}

/** How long an unkind answer may take beyond its own time, in milliseconds. */
export const slowestMillis = 50

/** In an unkind world: pages of one, lists in any order, and fields that nobody has heard of. All of it is permitted. */
export function unkindly(id: OperationId, rule: AnyRule): AnyRule {
  const contract: Operation = contracts[id]
  const isPaged = contract.query?.properties['pageSize'] !== undefined
  const list = unordered[id]
  return (world, request) => {
    const random = world.unkindness
    if (random === null) return rule(world, request)
    const query = isPaged ? { ...Object(request.query), pageSize: 1 } : request.query
    const answer = rule(world, { ...request, query })
    if (isRefusal(answer)) return answer
    const payload: Record<string, unknown> = { ...answer }
    if (list !== undefined) payload[list] = shuffle(payload[list] as unknown[], random) // the contract says it is a list
    return withUnknownFields(payload, random)
  }
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
