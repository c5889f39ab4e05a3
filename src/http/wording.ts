import type { TSchema } from '@sinclair/typebox'
import type { ValueError } from '@sinclair/typebox/errors'
import { ValueErrorType } from '@sinclair/typebox/errors'
import { strangeCharacter } from './strange-character.ts'

/** What a schema takes, in words: `one of "100", "101", "102"`, `a string matching ^…$`, `an integer from 1 to 100`. */
function expectation(schema: TSchema): string {
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  if (schema['anyOf']) return `one of ${schema['anyOf'].map(expectation).join(', ')}`
  if (schema['type'] === 'array') return `an array of ${range(schema['minItems'], schema['maxItems'], 'item')}`
  if (schema['type'] === 'string') return `a string${textLimits(schema)}`
  if (schema['type'] === 'integer') return `an integer${bounds(schema['minimum'], schema['maximum'])}`
  return `${/^[aeio]/.test(String(schema['type'])) ? 'an' : 'a'} ${schema['type']}`
}

function textLimits(schema: TSchema): string {
  const { pattern, minLength, maxLength, format, description } = schema
  const limits: string[] = []
  if (pattern !== undefined) limits.push(`matching ${pattern}`)
  if (minLength !== undefined || maxLength !== undefined) limits.push(`of ${range(minLength, maxLength, 'character')}`)
  if (format !== undefined) limits.push(`holding ${format.toUpperCase()}`)
  if (limits.length > 0) return ` ${limits.join(' and ')}`
  return description === undefined ? '' : `: ${description}`
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (most === undefined) return least === undefined ? `${unit}s` : `${least} or more ${unit}s`
  return least === most ? `${most} ${unit}s` : `${least ?? 0} to ${most} ${unit}s`
}

function bounds(least: number | undefined, most: number | undefined): string {
  if (least === undefined) return ''
  return most === undefined ? ` of at least ${least}` : ` from ${least} to ${most}`
}

/** Where a credential stands, of which not even a character is told. */
const secretPlace = /^authorization|(?:token|secret)$/i

/** The character that is to blame, as ASCII can say it: ` with " " at character 6`. */
function strangeIn({ type, schema, value }: ValueError, place: string): string {
  if (type !== ValueErrorType.StringPattern || secretPlace.test(place)) return ''
  const at = strangeCharacter(schema['pattern'], String(value))
  if (at === undefined) return ''
  const code = Number(String(value).codePointAt(at))
  const isVisible = code >= 0x20 && code < 0x7f
  const shown = isVisible
    ? JSON.stringify(String.fromCodePoint(code))
    : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return ` with ${shown} at character ${at + 1}`
}

/** What was found instead, of which at most one character is repeated. */
function finding(error: ValueError, place: string): string {
  const { type, value } = error
  if (type === ValueErrorType.ObjectRequiredProperty) return 'is missing'
  if (type === ValueErrorType.ObjectAdditionalProperties) return 'is not a known property'
  if (value === undefined) return 'is missing'
  if (value === null) return 'is null'
  if (Array.isArray(value)) return `is an array of ${value.length}`
  if (typeof value === 'string')
    return value === '' ? 'is empty' : `is a string of ${value.length}${strangeIn(error, place)}`
  if (typeof value === 'bigint') return 'is a number'
  return typeof value === 'object' ? 'is an object' : `is a ${typeof value}`
}

/** One sentence on why a value breaks its schema: where, what was found, what is expected, and whose word that is. */
export function word(error: ValueError, where: string): string {
  const place = `${where}${error.path}`
  const found = `${place} ${finding(error, place)}`
  if (error.type === ValueErrorType.ObjectAdditionalProperties) return found
  const sources = error.schema['x-facts'] ?? []
  return `${found}; expected ${expectation(error.schema)}${sources.length > 0 ? ` [${sources.join(' ')}]` : ''}`
}
