import type { TObject, TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { mapValues } from './json.ts'

/**
 * What a body may be to be answered 200: `null` stands for what is optional, at every depth (DEC-8), and an item that fails
 * alone may be wrong in its values (DEC-19).
 */
export function acceptedOf(body: TObject): TObject {
  const { required = [] } = body
  const change = (property: TSchema, name: string): TSchema => {
    const accepted = property['x-items-fail-alone'] ? failingAlone(property) : ofAcceptedItems(property)
    return required.includes(name) ? accepted : Type.Union([accepted, Type.Null()])
  }
  return { ...body, properties: mapValues(body.properties, change) }
}

function ofAcceptedItems(property: TSchema): TSchema {
  const { items } = property
  return items?.properties ? ({ ...property, items: acceptedOf(items) } as TSchema) : property // a list still
}

function failingAlone({ items, ...list }: TSchema): TSchema {
  const loose = { ...items, properties: mapValues(items.properties as TObject['properties'], looseOf) } // items are objects
  return { ...list, items: acceptedOf(loose), description: judgedAlone } as TSchema // a list still
}

const judgedAlone =
  'Items are judged one by one: one that breaks what its properties need for success fails alone, in the answer. Only an item of another shape refuses the request.'

/** The type alone; of its limits, only words are left. */
const looseOf = ({ pattern, maxLength, ...rest }: TSchema): TSchema =>
  ({ ...rest, description: `To succeed: at most ${maxLength} characters that match ${pattern}` }) as TSchema // without limits
