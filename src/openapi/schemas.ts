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

  #plain({ title: _, anyOf, items, properties, 'x-facts': facts, ...rest }: TSchema): Json {
    return {
      ...(anyOf ? this.#alternatives(anyOf) : rest),
      ...(anyOf && rest.description && { description: rest.description }),
      ...(items && { items: this.write(items) }),
      ...(properties && { properties: mapValues(properties as Record<string, TSchema>, (one) => this.write(one)) }), // of an object
      ...(facts && { 'x-facts': facts }),
      ...(rest['x-items-fail-alone'] && { description: failingAlone }),
    }
  }

  /** A choice of texts is an enumeration. */
  #alternatives(choices: readonly TSchema[]): Json {
    const values: unknown[] = choices.map((choice) => choice['const'])
    if (values.every((value) => typeof value === 'string')) return { type: 'string', enum: values }
    return { anyOf: choices.map((choice) => this.write(choice)) }
  }
}

const failingAlone =
  'Items are judged one by one: one that breaks the constraints of its properties fails alone, in the answer. Only an item of another shape refuses the request.'
