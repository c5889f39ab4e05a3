import type { TSchema } from '@sinclair/typebox'
import type { Json } from './json.ts'
import { mapValues } from './json.ts'

/** Writes schemas of the contracts as OpenAPI has them; those with a title become components. */
export class SchemaWriter {
  readonly components: Record<string, Json> = {}

  write(schema: TSchema): Json {
    const { title } = schema
    if (title === undefined) return this.#plain(schema)
    this.components[title] ??= this.#plain(schema)
    return { $ref: `#/components/schemas/${title}` }
  }

  /** Formats of this process are not those that documents name. */
  #plain({ title: _, format: _own, anyOf, items, properties, patternProperties, ...rest }: TSchema): Json {
    const { 'x-facts': facts, 'x-format': format, 'x-forms': forms, ...own } = rest
    if (forms) return this.#forms(forms)
    return {
      ...(anyOf ? this.#alternatives(anyOf) : own),
      ...(Number.isInteger(own['const']) && { type: 'integer' }),
      ...(anyOf && own.description && { description: own.description }),
      ...(format && { format }),
      ...(items && { items: this.write(items) }),
      ...(properties && { properties: mapValues(properties as Record<string, TSchema>, (one) => this.write(one)) }), // of an object
      ...(patternProperties && this.#dictionary(patternProperties)),
      ...(facts && { 'x-facts': facts }),
    }
  }

  /** A choice of texts is an enumeration, and so is one of whole numbers. */
  #alternatives(choices: readonly TSchema[]): Json {
    const values: unknown[] = choices.map((choice) => choice['const'])
    if (values.every((value) => typeof value === 'string')) return { type: 'string', enum: values }
    if (values.every((value) => Number.isInteger(value))) return { type: 'integer', enum: values }
    return { anyOf: choices.map((choice) => this.write(choice)) }
  }

  /** What is checked by forms of its own, told apart by their `type` where they have one. */
  #forms(forms: readonly TSchema[]): Json {
    const oneOf = forms.map((form) => this.write(form))
    const types: unknown[] = forms.map((form) => form['properties'].type?.const)
    if (types.includes(undefined)) return { oneOf }
    const mapping = Object.fromEntries(types.map((type, index) => [type, oneOf[index]?.['$ref']]))
    return { oneOf, discriminator: { propertyName: 'type', mapping } }
  }

  /** Any names of one pattern, as generators of clients understand it. */
  #dictionary(patterns: Readonly<Record<string, TSchema>>): Json {
    const [[pattern, schema] = ['', {} as TSchema]] = Object.entries(patterns)
    return {
      additionalProperties: this.write(schema),
      ...(pattern !== anything && { propertyNames: { pattern } }),
    }
  }
}

/** As TypeBox writes that a name may be any text. */
const anything = '^(.*)$'
