import type { FaultRequest } from '../../schemas/faults.ts'
import { effects, timings } from '../../schemas/faults.ts'
import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { catalogue } from '../errors.ts'
import { compileDefect } from '../http/validation.ts'
import { gatewayCodes } from '../intercept/gateway.ts'
import { batches } from '../intercept/items.ts'
import type { FaultEffect, FaultTiming, NewFault } from '../world/faults.ts'
import { requireShallow } from './depth.ts'
import { Problem } from './problem.ts'

/**
 * A fault as it was asked for, once it is sure that it can fire.
 *
 * @throws Problem 400 naming the field, or why it never could
 */
export function checkFault(request: FaultRequest): NewFault {
  const { operations, deviceId, body, when, effect } = request
  const ids = operationsOf(operations)
  requireShallow(request, 'body')
  checkPart(effects, effect.type, effect, 'body/effect')
  if (when) checkPart(timings, Object.keys(when).join(' and '), when, 'body/when')
  const checked = effect as FaultEffect // its own form has just been checked
  checkEffect(checked, ids)
  if (deviceId !== undefined) require(ids.some(namesDevice), 'body/deviceId: none of these operations names a device')
  if (body !== undefined)
    require(ids.some((id) => contractOf(id).body !== undefined), 'body/body: none of these operations has a body')
  return {
    operations,
    effect: checked,
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(body === undefined ? {} : { body }),
    ...(when === undefined ? {} : { when: when as FaultTiming }), // likewise
  }
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new Problem(400, otherwise)
}

const contractOf = (id: OperationId): Operation => contracts[id]

const isOperation = (id: string): id is OperationId => Object.hasOwn(contracts, id)

function operationsOf(operations: FaultRequest['operations']): OperationId[] {
  const asked = operations === '*' ? Object.keys(contracts) : operations
  return asked.map((id, index) => {
    if (isOperation(id)) return id
    throw new Problem(
      400,
      `body/operations/${index} is no operation; expected one of ${Object.keys(contracts).join(', ')}`,
    )
  })
}

function checkPart(
  forms: Readonly<Record<string, Parameters<typeof compileDefect>[0]>>,
  type: string,
  part: object,
  where: string,
): void {
  const form = Object.hasOwn(forms, type) ? forms[type] : undefined
  if (form === undefined)
    throw new Problem(400, `${where} is not known; expected one of ${Object.keys(forms).join(', ')}`)
  const defect = compileDefect(form, where)(part)
  require(defect === undefined, defect ?? '')
}

const namesDevice = (id: OperationId): boolean => {
  const { params, query, body } = contractOf(id)
  return [params, query, body].some((part) => part !== undefined && 'deviceId' in part.properties)
}

/** What the forms cannot say: effects that could never happen, or that nobody could tell apart. */
function checkEffect(effect: FaultEffect, ids: readonly OperationId[]): void {
  if (effect.type === 'latency') {
    const { ms, min = 0, max = ms } = effect
    require(max !== undefined, 'body/effect needs ms, or min and max')
    const isRange = effect.min !== undefined || effect.max !== undefined
    require(ms === undefined || !isRange, 'body/effect takes ms, or min and max, not both')
    require(min <= Number(max), 'body/effect/min is larger than max')
  } else if (effect.type === 'refuse') checkRefusal(effect)
  else if (effect.type === 'gateway') {
    require(Object.hasOwn(
      gatewayCodes,
      effect.code,
    ), `body/effect/code is not known; expected one of ${Object.keys(gatewayCodes).join(', ')} [COM-17]`)
  } else if (effect.type === 'failItems') {
    const known = Object.keys(batches).join(' or ')
    require(ids.some((id) => id in batches), `body/operations: failItems needs an operation with items, ${known}`)
    require((effect.indexes === undefined) !==
      (effect.match === undefined), 'body/effect needs indexes or match, and not both')
    if (effect.match !== undefined) checkMatch(effect.match, ids)
  }
}

/** Items to add are objects, those to delete are ids. */
function checkMatch(match: unknown, ids: readonly OperationId[]): void {
  const isObject = typeof match === 'object' && match !== null && !Array.isArray(match)
  const id = isObject ? 'batchAddBackupScope' : 'batchDeleteBackupScope'
  const isPossible = (isObject || typeof match === 'string') && ids.includes(id)
  require(isPossible, 'body/effect/match is no item of these operations; expected properties of one to add, or an id to delete')
}

function checkRefusal({ error, ...own }: Extract<FaultEffect, { type: 'refuse' }>): void {
  const isOwn = own.status !== undefined || own.code !== undefined || own.msg !== undefined
  require((error !== undefined) !== isOwn, 'body/effect needs error, or any of status, code and msg, and not both')
  if (error === undefined) return
  require(Object.hasOwn(
    catalogue,
    error,
  ), `body/effect/error is not known; expected one of ${Object.keys(catalogue).join(', ')}`)
}
