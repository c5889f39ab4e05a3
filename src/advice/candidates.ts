import type { TSchema } from '@sinclair/typebox'

/** Words that some pattern or other takes: whether one of them does is tried, not known. */
const words = ['example', '/example', '1', '{}', '2025-12-17T07:27:27.709Z', '00000000-0000-4000-8000-000000000000@102']

/**
 * Values that may fit a schema where another did not, the likeliest first: the same mended, and then any that could be one.
 *
 * @param value what stood there; `null` where nothing did
 * @param isOptional whether it may be left out
 */
export function candidatesFor(schema: TSchema, value: unknown, isOptional: boolean): unknown[] {
  const choices: TSchema[] = schema['anyOf'] ?? []
  const literals = choices.map((choice) => choice['const']).filter((one) => one !== undefined)
  const own = [
    ...literals.filter((one) => String(one) === String(value)),
    ...mended(schema, value),
    ...literals,
    ...(schema['examples'] ?? []),
    ...made(schema),
  ]
  const distinct = own.filter((one, place) => one !== value && own.indexOf(one) === place)
  return isOptional ? [...distinct.slice(0, 3), null] : distinct
}

/** The same value in the form that the schema asks for. */
function mended(schema: TSchema, value: unknown): unknown[] {
  const { type, minimum = 0, maximum = Number.MAX_SAFE_INTEGER, pattern = '', maxLength, maxItems } = schema
  if (value === null) return []
  if (type === 'integer' && Number.isFinite(Number(value)))
    return [Math.min(Math.max(Math.round(Number(value)), minimum), maximum)]
  if (type === 'array') return [Array.isArray(value) ? value.slice(0, maxItems) : [value]]
  if (type !== 'string') return []
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const most = Number(maxLength ?? /\{\d*,?(\d+)\}\$?$/.exec(pattern)?.[1] ?? text.length)
  const word = text.normalize('NFKD').replace(/[^\w]+/g, '_')
  const path = `/${text.replaceAll('\\', '/').replace(/^\/+/, '')}`
  return [text, text.trim(), word, path].flatMap((one) => [one, one.slice(0, most)])
}

function made(schema: TSchema): unknown[] {
  const { type, minimum = 0, maximum = 100, items } = schema
  if (type === 'integer') return [Math.max(minimum, Math.min(100, maximum))]
  if (type === 'array') return made(items).map((item) => [item])
  if (type === 'object') return [objectOf(schema)]
  return type === 'string' ? words.filter((word) => new RegExp(schema['pattern'] ?? '').test(word)) : []
}

/** With what it must have or, where that is nothing, with its first property. */
function objectOf({ properties = {}, required }: TSchema): Record<string, unknown> {
  const names: string[] = required ?? Object.keys(properties).slice(0, 1)
  return Object.fromEntries(names.map((name) => [name, made(properties[name])[0]]))
}
