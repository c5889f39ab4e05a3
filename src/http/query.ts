import type { TObject } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import type { QueryPairs } from './request-target.ts'

/**
 * The parameters that a contract knows, as it types them; others are ignored (DEC-8).
 *
 * @throws Refusal `invalid` for a parameter given twice
 */
export function queryOf(schema: TObject, pairs: QueryPairs): Record<string, unknown> {
  const query: Record<string, unknown> = {}
  for (const [name, value] of pairs) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (property === undefined) continue
    if (Object.hasOwn(query, name)) throw refuse('invalid', `query/${name} was given twice; give it once [DEC-8]`)
    query[name] = property['type'] === 'integer' && /^[0-9]{1,15}$/.test(value) ? Number(value) : value
  }
  return query
}
