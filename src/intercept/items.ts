import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { batchListOf } from '../../schemas/operation.ts'
import { isRefusal } from '../errors.ts'
import type { Rule } from '../operations/rule.ts'
import type { EffectOf } from '../world/fault.ts'
import { hasJson, sameJson } from '../world/fault-pattern.ts'
import type { World } from '../world/world.ts'

type FailItems = EffectOf<'failItems'>

/** How a batch is asked for and answered. */
interface Batch {
  /** The request's list, and the answer's list of what went well. */
  readonly list: string
  /** What an item is called in the list of those that failed. */
  readonly echo: (item: unknown) => object
}

const pathsOf = (item: unknown): object => {
  const { localPath, targetFolderPath } = Object(item)
  return { localPath: localPath ?? '', targetFolderPath: targetFolderPath ?? '' }
}

const listOfBatch = (id: OperationId): string => String(batchListOf(contracts[id]))

/** The operations whose items can fail alone. */
export const batches: Partial<Record<OperationId, Batch>> = {
  batchAddBackupScope: { list: listOfBatch('batchAddBackupScope'), echo: pathsOf },
  batchDeleteBackupScope: { list: listOfBatch('batchDeleteBackupScope'), echo: (scopeId) => ({ scopeId }) },
}

type AnyRule = Rule<Operation>
type Payload = Record<string, unknown>

/** What is to be taken out of a batch once it is accepted, by the request's body. */
const reserved = new WeakMap<object, { readonly effect: FailItems; readonly isTaken: readonly boolean[] }>()

/** Which items of a request an effect is about. */
function takenOf(operation: string, body: unknown, { indexes, match }: FailItems): boolean[] {
  const batch = batchOf(operation)
  const list: unknown = batch && Object(body)[batch.list]
  if (!Array.isArray(list)) return []
  return list.map((item, index) => indexes?.includes(index) ?? hasJson(item, match))
}

const batchOf = (operation: string): Batch | undefined => Object.entries(batches).find(([id]) => id === operation)?.[1]

/** Whether an effect is about any item of a request. */
export const takesItems = (operation: string, body: unknown, effect: FailItems): boolean =>
  takenOf(operation, body, effect).includes(true)

/** Lets an effect take its items out of a request, should that be accepted. */
export function reserveItems(operation: string, body: unknown, effect: FailItems): void {
  reserved.set(Object(body), { effect, isTaken: takenOf(operation, body, effect) })
}

/** Takes the items that are reserved out of an accepted batch before its rule, and answers them as failed. */
export function failingItems(id: OperationId, rule: AnyRule): AnyRule {
  const batch = batches[id]
  if (batch === undefined) return rule
  return (world, request) => {
    const reservation = reserved.get(Object(request.body))
    if (reservation === undefined) return rule(world, request)
    const { effect, isTaken } = reservation
    const items: unknown[] = Object(request.body)[batch.list]
    const left = items.filter((_, index) => !isTaken[index])
    const payload = rule(world, { ...request, body: { ...Object(request.body), [batch.list]: left } })
    return isRefusal(payload) ? payload : merge(world, batch, effect, items, isTaken, payload)
  }
}

const inList = (value: unknown): unknown[] => [value].flat()

/** Puts the taken items among those that failed by themselves, in the request's order. */
function merge(
  world: World,
  { list, echo }: Batch,
  { errorCode, msg = world.errors.internal.msg }: FailItems,
  items: readonly unknown[],
  isTaken: readonly boolean[],
  payload: Payload,
): Payload {
  const succeeded = inList(payload[list])
  const failed = inList(payload['failedScopeList'])
  const failedScopeList = items.flatMap((item, index) => {
    if (isTaken[index]) return [{ ...echo(item), errorCode, msg }]
    if (succeeded.length > 0 && isSame(succeeded[0], item, echo)) {
      succeeded.shift()
      return []
    }
    return failed.splice(0, 1)
  })
  return { ...payload, failedScopeList }
}

/** Whether a success is that of an item: of two alike in one batch, it is the first that succeeds. */
const isSame = (success: unknown, item: unknown, echo: Batch['echo']): boolean =>
  typeof item === 'string' ? success === item : sameJson(pathsOf(success), echo(item))
