import type { TSchema } from '@sinclair/typebox'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'

/** So many names are noted: whoever sends more has made a mistake that a few show as well. */
const mostNoted = 100

/** Contracts by operation. */
export const contractById = new Map<string, Operation>(Object.entries(contracts))

/** What a request brought that no contract knows, the first hundred: `body/…` and `query/…` (DEC-8). */
export function unreadOf(
  operation: string | null,
  body: unknown,
  query: readonly (readonly [name: string, value: string])[],
): string[] {
  const contract = contractById.get(operation ?? '')
  if (contract === undefined) return []
  const found = new Set<string>()
  noteUnknown(found, contract.body, body, 'body')
  const parameters = contract.query?.properties ?? {}
  for (const [name] of query) if (!Object.hasOwn(parameters, name)) found.add(`query/${name}`)
  return [...found].slice(0, mostNoted)
}

/** Goes only where a contract leads, so that neither breadth nor depth of what was sent costs more than reading it did. */
function noteUnknown(found: Set<string>, schema: TSchema | undefined, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || found.size >= mostNoted) return
  const items: TSchema | undefined = schema?.['items']
  if (Array.isArray(value)) {
    if (items) for (const [index, item] of value.entries()) noteUnknown(found, items, item, `${path}/${index}`)
    return
  }
  for (const [name, part] of Object.entries(value)) {
    if (found.size >= mostNoted) return
    const known = propertyOf(schema, name)
    if (known) noteUnknown(found, known, part, `${path}/${name}`)
    else if (!isIgnored(schema, name)) found.add(`${path}/${name}`)
  }
}

function propertyOf(schema: TSchema | undefined, name: string): TSchema | undefined {
  const properties: Record<string, TSchema> = schema?.['properties'] ?? {}
  return Object.hasOwn(properties, name) ? properties[name] : undefined
}

/** What an answer has may be sent back (DEC-36). */
const isIgnored = (schema: TSchema | undefined, name: string): boolean => schema?.['x-ignored']?.includes(name) === true
