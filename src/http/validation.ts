import type { Static, TObject, TSchema } from '@sinclair/typebox'
import type { TypeCheck, ValueError } from '@sinclair/typebox/compiler'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { FastifySchemaCompiler } from 'fastify'
import { refuse } from '../errors.ts'
import { word } from './wording.ts'

/** Says what is wrong with a value; `undefined` where nothing is. */
export type DefectOf = (value: unknown) => string | undefined

/** Compiles a schema when it is first needed: a start needs none of them. */
function compiledOnce<Schema extends TSchema>(schema: Schema): () => TypeCheck<Schema> {
  let compiled: TypeCheck<Schema> | undefined
  return () => {
    compiled ??= TypeCompiler.Compile(schema)
    return compiled
  }
}

/** Makes of a schema a function that words the first defect of a value, `where` it stands in the request. */
export function compileDefect(schema: TSchema, where: string): DefectOf {
  const compiled = compiledOnce(schema)
  return (value) => (compiled().Check(value) ? undefined : firstDefect(compiled(), value, where))
}

/** How Fastify is to judge a part of a request of which a route has a schema. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const defectOf = compileDefect(schema, 'path')
  return (value) => {
    const defect = defectOf(value)
    return defect === undefined ? { value } : { error: new Error(defect) }
  }
}

function firstDefect(compiled: TypeCheck<TSchema>, value: unknown, where: string): string {
  const error = compiled.Errors(value).First()
  /* c8 ignore next -- what does not fit has an error */
  if (error === undefined) return `${where} does not fit its schema`
  return word(innermost(error), where)
}

/** Where an object is given and only one of the forms is one, the defect lies within it. */
function innermost(error: ValueError): ValueError {
  const forms: TSchema[] = typeof error.value === 'object' && error.value ? (error.schema['anyOf'] ?? []) : []
  const inner = error.errors[forms.findIndex(({ type }) => type === 'object')]?.First()
  return inner ? innermost(inner) : error
}

/** A check that narrows: returns the value as its schema's type, or throws `invalid`. */
export function compileCheck<Schema extends TSchema>(schema: Schema, where: string) {
  const compiled = compiledOnce(schema)
  return (value: unknown): Static<Schema> => {
    if (compiled().Check(value)) return value
    throw refuse('invalid', firstDefect(compiled(), value, where))
  }
}

const isList = (schema: TSchema): boolean => schema['x-items-fail-alone'] === true

/** The schema that refuses a whole request: of items that fail alone (DEC-19), only the shape counts. */
export function shapeOf<Schema extends TObject>(schema: Schema): Schema {
  const properties = Object.entries(schema.properties).map(([name, property]) => [
    name,
    isList(property) ? { ...property, items: looseItem(property['items']) } : property,
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}

/** The same types without limits on their values. */
function looseItem(item: TSchema): TSchema {
  const properties = Object.entries<TSchema>(item['properties']).map(([name, { pattern, maxLength, ...rest }]) => [
    name,
    rest,
  ])
  return { ...item, properties: Object.fromEntries(properties) }
}

/** The full checks of items that fail alone, by the name of their list. */
export const itemDefects = (schema: TObject): ReadonlyMap<string, DefectOf> =>
  new Map(
    Object.entries(schema.properties)
      .filter(([, property]) => isList(property))
      .map(([name, property]) => [name, compileDefect(property['items'], `body/${name}/item`)]),
  )

/**
 * Makes a parsed body fit for its contract, in place: `null` for an optional property means absent at every depth
 * (DEC-8).
 *
 * @throws Refusal `invalid` for an unpaired surrogate in a string of the contract, which could not be stored as it came (DEC-10)
 */
export function normalize(schema: TSchema, value: unknown, where: string): void {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw refuse('invalid', `${where} holds an unpaired surrogate; expected whole characters [DEC-10]`)
  }
  if (Array.isArray(value) && schema['items']) {
    for (const [index, item] of value.entries()) normalize(schema['items'], item, `${where}/${index}`)
  } else if (isRecord(value) && schema['properties']) {
    normalizeProperties(schema, value, where)
  }
}

function normalizeProperties(schema: TSchema, value: Record<string, unknown>, where: string): void {
  for (const [name, property] of Object.entries<TSchema>(schema['properties'])) {
    if (value[name] === null && !schema['required']?.includes(name)) delete value[name]
    else normalize(property, value[name], `${where}/${name}`)
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
