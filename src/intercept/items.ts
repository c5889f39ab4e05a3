import type { OperationId } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { isRefusal } from '../errors.ts'
import type { Rule, RuleRequest } from '../operations/rule.ts'
import type { FaultEffect } from '../world/faults.ts'
import { hasJson, sameJson } from '../world/faults.ts'
import type { World } from '../world/world.ts'
import { deviceIdOf } from './subject.ts'

type FailItems = Extract<FaultEffect, { type: 'failItems' }>

/** How a batch is asked for and answered. */
interface Batch {
  /** The request's list, and the answer's list of what went well. */
  readonly items: string
  readonly done: string
  /** What an item is called in the list of those that failed. */
  readonly echo: (item: unknown) => object
}

const pathsOf = (item: unknown): object => {
  const { localPath, targetFolderPath } = Object(item)
  return { localPath: localPath ?? '', targetFolderPath: targetFolderPath ?? '' }
}

/** The operations whose items can fail alone. */
export const batches: Partial<Record<OperationId, Batch>> = {
  batchAddBackupScope: { items: 'scopeList', done: 'scopeList', echo: pathsOf },
  batchDeleteBackupScope: { items: 'scopeIdList', done: 'scopeIdList', echo: (scopeId) => ({ scopeId }) },
}

type AnyRule = Rule<Operation>
type Payload = Record<string, unknown>

/** Lets `failItems` take items out of an accepted batch before its rule, and answer them as failed. */
export function failingItems(id: OperationId, rule: AnyRule): AnyRule {
  const batch = batches[id]
  if (batch === undefined) return rule
  return (world, request) => {
    if (world.faults.isEmpty) return rule(world, request)
    return world.faults.attempt(() => {
      const items: unknown[] = Object(request.body)[batch.items]
      const effect = firing(world, id, request, items)
      if (effect === undefined) return rule(world, request)
      const isTaken = items.map((item, index) => isMeant(effect, item, index))
      const left = items.filter((_, index) => !isTaken[index])
      const body = { ...Object(request.body), [batch.items]: left }
      const payload = rule(world, { ...request, body })
      return isRefusal(payload) ? payload : merge(world, batch, effect, items, isTaken, payload)
    }, isRefusal)
  }
}

function firing(
  world: World,
  operation: OperationId,
  { params, body, now }: RuleRequest<Operation>,
  items: readonly unknown[],
): FailItems | undefined {
  const subject = { operation, deviceId: deviceIdOf(params), body, now }
  const fault = world.faults.firing(['failItems'], subject, (effect) =>
    items.some((item, index) => isMeant(effect, item, index)),
  )
  if (fault) world.faults.report(fault.id)
  return fault?.effect
}

const isMeant = ({ indexes, match }: FailItems, item: unknown, index: number): boolean =>
  indexes?.includes(index) ?? hasJson(item, match)

const listOf = (value: unknown): unknown[] => [value].flat()

/** Puts the taken items among those that failed by themselves, in the request's order. */
function merge(
  world: World,
  { done, echo }: Batch,
  { errorCode, msg = world.errors.internal.msg }: FailItems,
  items: readonly unknown[],
  isTaken: readonly boolean[],
  payload: Payload,
): Payload {
  const succeeded = listOf(payload[done])
  const failed = listOf(payload['failedScopeList'])
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
