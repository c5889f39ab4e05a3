import { OptionalKind } from '@sinclair/typebox'
import type { ControlOperation } from '../../schemas/control-operation.ts'
import type { ControlOperationId } from '../../schemas/control-operations.ts'
import { controlOperations } from '../../schemas/control-operations.ts'
import type { DefectOf } from '../http/validation.ts'
import { compileDefect } from '../http/validation.ts'
import type { Context } from './operations.ts'
import { operations } from './operations.ts'
import { Problem } from './problem.ts'

/** A request as it arrived, from either face. */
export interface Parts {
  readonly params?: unknown
  readonly query?: unknown
  /** `null` where there is none. */
  readonly body?: unknown
}

type Answer<Id extends ControlOperationId> = ReturnType<(typeof operations)[Id]>

/**
 * Holds a request against the contract of its operation, then does what it asks for.
 *
 * @throws Problem 400 naming the part, and whatever the operation refuses
 */
export function perform<Id extends ControlOperationId>(id: Id, parts: Parts, context: Context): Answer<Id> {
  check(id, parts)
  return operations[id](parts as never, context) as Answer<Id> // the parts have just been checked
}

/** @throws Problem 400 */
export function check(id: ControlOperationId, parts: Parts): void {
  for (const defectOf of checks[id]) {
    const defect = defectOf(parts)
    if (defect !== undefined) throw new Problem(400, defect)
  }
}

/** In the order in which the parts of a request are judged. */
const places = { params: 'path', query: 'query', body: 'body' } as const

function checksOf(contract: ControlOperation): ((parts: Parts) => string | undefined)[] {
  return (['params', 'query', 'body'] as const).flatMap((part) => {
    const schema = contract[part]
    if (schema === undefined) return []
    const defectOf: DefectOf = compileDefect(schema, places[part])
    const mayBeLeftOut = OptionalKind in schema
    return [(parts: Parts) => (mayBeLeftOut && parts[part] === null ? undefined : defectOf(parts[part]))]
  })
}

const checks = Object.fromEntries(
  Object.entries(controlOperations).map(([id, contract]) => [id, checksOf(contract)]),
) as Record<ControlOperationId, ReturnType<typeof checksOf>> // made from all ids
