import type { TSchema } from '@sinclair/typebox'
import { KindGuard, OptionalKind } from '@sinclair/typebox'
import fc from 'fast-check'

type Made = fc.Arbitrary<unknown>

const withFormat: Readonly<Record<string, Made>> = { json: fc.json({ maxDepth: 3 }) }

const made = new Map<string, Made>()

/** Texts that match; kept, because what a pattern forbids takes fast-check a while to turn into what it allows. */
function matching(pattern: string): Made {
  const known = made.get(pattern)
  if (known) return known
  const whole = new RegExp(pattern)
  // It knows no looking ahead: what that forbids is thrown away.
  const form = new RegExp(pattern.replace(/\(\?!(?:[^()\\]|\\.)*\)/g, ''))
  const texts = fc.stringMatching(form, { size: '-1' }).filter((text) => whole.test(text))
  made.set(pattern, texts)
  return texts
}

function textOf(schema: TSchema): Made {
  if (schema['format'] !== undefined) return withFormat[schema['format']] ?? fc.string()
  if (schema['pattern'] !== undefined) return matching(schema['pattern'])
  const { minLength = 0, maxLength = 64 } = schema
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 64) })
}

function wholeOf({ minimum = -1000, maximum = Number.MAX_SAFE_INTEGER }: TSchema): Made {
  return fc.oneof(
    fc.integer({ min: minimum, max: Math.min(maximum, minimum + 200) }),
    fc.constantFrom(minimum, maximum),
  )
}

function objectOf(schema: TSchema): Made {
  const properties: Record<string, TSchema> = schema['properties']
  const required = Object.entries(properties).filter(([, part]) => part[OptionalKind] === undefined)
  const model = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, validFor(part)]))
  return fc.record(model, { requiredKeys: required.map(([name]) => name) })
}

/** Values that a schema allows. */
export function validFor(schema: TSchema): Made {
  if (KindGuard.IsObject(schema)) return objectOf(schema)
  if (KindGuard.IsArray(schema)) {
    const { minItems = 0, maxItems = 10 } = schema
    return fc.array(validFor(schema.items), { minLength: minItems, maxLength: Math.min(maxItems, minItems + 4) })
  }
  if (KindGuard.IsUnion(schema)) return fc.oneof(...schema.anyOf.map(validFor))
  if (KindGuard.IsLiteral(schema)) return fc.constant(schema.const)
  if (KindGuard.IsString(schema)) return textOf(schema)
  if (KindGuard.IsInteger(schema)) return wholeOf(schema)
  if (KindGuard.IsNumber(schema)) return fc.double({ min: 1e-6, max: schema.maximum ?? 1e6, noNaN: true })
  if (KindGuard.IsBoolean(schema)) return fc.boolean()
  if (KindGuard.IsNull(schema)) return fc.constant(null)
  if (KindGuard.IsRecord(schema)) return fc.dictionary(fc.stringMatching(/^\/[a-z]{1,8}$/), anything, { maxKeys: 3 })
  return anything
}

/** Any JSON, strange names and strange characters in it. */
export const anything: Made = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' })

/** What stands where something else was expected. */
const odd: Made = fc.oneof(
  anything,
  fc.constantFrom(null, '', ' ', '\n', '\u0000', '\ud800', '1e999', '-1', '__proto__', '../..', '%zz', '😀'.repeat(40)),
  fc.constantFrom<unknown>(-1, 0.5, 2 ** 53, 1e308, true, [], {}, [[]], { length: -1 }),
  fc.nat({ max: 300 }).map((length) => 'x'.repeat(length * 50)),
)

/** One place of a value, drawn by chance, holds something odd, is gone, or has a neighbour that nobody knows. */
function spoil(value: unknown, way: number, path: readonly number[], strange: unknown): unknown {
  const [turn = 0, ...rest] = path
  if (typeof value !== 'object' || value === null || path.length === 0) return strange
  const keys = Object.keys(value)
  const key = keys[turn % Math.max(1, keys.length)]
  if (key === undefined) return strange
  if (way === 0)
    return Array.isArray(value)
      ? value.slice(1)
      : Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  if (way === 1) return Array.isArray(value) ? [...value, strange] : { ...value, [`${key}x`]: strange }
  const part = spoil(Reflect.get(value, key), way, rest, strange)
  return Array.isArray(value) ? value.with(keys.indexOf(key), part) : { ...value, [key]: part }
}

/** Values that a schema allows but for one place. */
export const nearlyFor = (schema: TSchema): Made =>
  fc
    .tuple(validFor(schema), fc.nat({ max: 4 }), fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 3 }), odd)
    .map(([value, way, path, strange]) => spoil(value, way, path, strange))

/** A value for a schema: mostly good, often nearly so, sometimes wild. */
export const valueFor = (schema: TSchema): Made =>
  fc.oneof(
    { arbitrary: validFor(schema), weight: 5 },
    { arbitrary: nearlyFor(schema), weight: 4 },
    { arbitrary: odd, weight: 1 },
  )
