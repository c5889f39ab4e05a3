import type { TSchema } from '@sinclair/typebox'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'

/** What a request brought that no contract knows: `body/…` and `query/…` (DEC-8). */
export function unreadOf(operation: string | null, body: unknown, query: readonly string[]): string[] {
  const contract: Operation | undefined = Object.entries(contracts).find(([id]) => id === operation)?.[1]
  if (contract === undefined) return []
  const known = Object.keys(contract.query?.properties ?? {})
  const unknownNames = query.filter((name) => !known.includes(name)).map((name) => `query/${name}`)
  return [...new Set([...unknownIn(contract.body, body, 'body'), ...unknownNames])]
}

function unknownIn(schema: TSchema | undefined, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownIn(schema?.['items'], item, `${path}/${index}`))
  const properties: Record<string, TSchema> = schema?.['properties'] ?? {}
  return Object.entries(value).flatMap(([name, part]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    return property ? unknownIn(property, part, `${path}/${name}`) : [`${path}/${name}`]
  })
}
