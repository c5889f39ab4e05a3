import type { TObject } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import { unkindCursors } from '../world/cursor.ts'
import type { World } from '../world/world.ts'
import type { QueryPairs } from './request-target.ts'
import { RequestTarget } from './request-target.ts'

/** In an unkind world a plus in a query is a space, as forms and most frameworks read it. */
export const readsPlusAsSpace = ({ cursors }: World): boolean => cursors === unkindCursors

/** The same target with each plus of its query written as what it is read as there. */
export const withSpaces = (raw: string): string => raw.replace(/\?.*$/s, (query) => query.replaceAll('+', '%20'))

/** A target as a world reads its query. */
export const targetIn = (world: World, target: RequestTarget): RequestTarget =>
  readsPlusAsSpace(world) && target.query.includes('+') ? new RequestTarget(withSpaces(target.raw)) : target

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
