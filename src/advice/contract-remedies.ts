import type { TSchema } from '@sinclair/typebox'
import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { candidatesFor } from './candidates.ts'
import { valueAt } from './edited-request.ts'
import type { RefusedRequest, Remedy } from './remedy.ts'
import { set } from './remedy.ts'
import { configNamesFor, devicesFor, locksFor, openRecordsFor, presentValueFor } from './stored.ts'

/** What is stored that would do for a value of this name. */
const stored: Readonly<Record<string, (refused: RefusedRequest) => readonly unknown[]>> = {
  deviceId: devicesFor,
  recordId: openRecordsFor,
  configName: configNamesFor,
  currentConfigValue: (refused) => [presentValueFor(refused)],
  moduleCode: (refused) => locksFor(refused).map(({ moduleCode }) => moduleCode),
}

/** What may help a request that breaks its contract: another value in the place that its reason begins with. */
export function contractRemedies(refused: RefusedRequest): Remedy[] {
  const at = refused.reason.replace(/^((?:header|path|query|body)(?:\/[\w-]+)*).*$/s, '$1')
  const { schema, isOptional } = schemaAt(refused.operation, at)
  const value = valueAt(refused.request, refused.operation, at)
  const known = (stored[at.slice(at.lastIndexOf('/') + 1)]?.(refused) ?? []).filter(
    (one) => one !== undefined && one !== value,
  )
  return set(at, ...known.slice(0, 3), ...candidatesFor(schema, value, isOptional))
}

/** The schema of a place in a request, and whether it may stay empty. */
function schemaAt(operation: string | null, at: string): { schema: TSchema; isOptional: boolean } {
  const [part = '', ...steps] = at.split('/')
  const { headers, params, query, body }: Operation = contracts[operation as OperationId] // what breaks a contract has one
  let schema: TSchema = Object({ header: headers, path: params, query, body }[part])
  let isOptional = false
  for (const step of steps) {
    const { properties = {}, required = [], items } = schema
    isOptional = step in properties && !required.includes(step)
    schema = Object(properties[step] ?? items)
  }
  return { schema, isOptional }
}
