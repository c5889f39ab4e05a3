import type { TObject } from '@sinclair/typebox'
import { refuse } from '../errors.ts'

/** Names and values of a query by turns, decoded; a plus is a plus. */
export type QueryPairs = readonly (readonly [name: string, value: string])[]

/**
 * The query of a request target, as it was sent.
 *
 * @throws Refusal `malformed` for a broken percent-encoding
 */
export function queryPairs(url: string): QueryPairs {
  const start = url.indexOf('?')
  if (start < 0) return []
  const pieces = url.slice(start + 1).split('&')
  return pieces.filter((piece) => piece !== '').map(decodePair)
}

function decodePair(piece: string): readonly [string, string] {
  const equals = piece.indexOf('=')
  const [name, value] = equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)]
  try {
    return [decodeURIComponent(name), decodeURIComponent(value)]
  } catch {
    throw refuse('malformed', 'query has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]')
  }
}

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
