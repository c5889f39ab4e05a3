/** A property that a form asks for, as the JSON Schema of an effect or a timing describes it. */
export interface FormField {
  readonly name: string
  readonly kind: 'number' | 'text' | 'choice' | 'numbers' | 'json'
  readonly isRequired: boolean
  readonly choices: readonly (string | number | boolean)[]
  /** What may be entered: `0 to 86400, seconds`. */
  readonly hint: string
}

interface Schema {
  readonly type?: string
  readonly const?: string | number | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly description?: string
}

/** The fields of a form; its type stands in it anyway, and is none. */
export function formFields(schema: unknown): FormField[] {
  const { properties = {}, required = [] } = Object(schema) as Schema // JSON Schema, as the catalogue gives it
  return Object.entries(properties)
    .filter(([name]) => name !== 'type')
    .map(([name, property]) => ({
      name,
      kind: kindOf(property),
      isRequired: required.includes(name),
      choices: choicesOf(property),
      hint: hintOf(property),
    }))
}

/** Values of which it takes one. */
const choicesOf = (property: Schema): FormField['choices'] =>
  [property, ...(property.anyOf ?? [])].flatMap(({ const: value }) => value ?? [])

const isNumber = (type: string | undefined): boolean => type === 'integer' || type === 'number'

function kindOf(property: Schema): FormField['kind'] {
  const { type, items } = property
  if (choicesOf(property).length > 0) return 'choice'
  if (isNumber(type)) return 'number'
  if (isNumber(items?.type)) return 'numbers'
  return type === 'string' ? 'text' : 'json'
}

function hintOf({ minimum, exclusiveMinimum, maximum, description }: Schema): string {
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`)
  const range = maximum === undefined || least === undefined ? '' : `${least} to ${maximum}`
  return [range, description ?? ''].filter((part) => part !== '').join(', ')
}

/** What a field holds, of what was typed; `undefined` where nothing was. What is wrong is for the emulator to say. */
export function valueOfField({ kind, choices }: FormField, text: string): unknown {
  if (text.trim() === '') return undefined
  if (kind === 'numbers')
    return text
      .split(/[\s,]+/)
      .filter((one) => one !== '')
      .map(numberOr)
  if (kind === 'json') return jsonOr(text)
  if (kind === 'choice') return choices.find((choice) => String(choice) === text) ?? text
  return kind === 'number' ? numberOr(text) : text
}

const numberOr = (text: string): unknown => (Number.isNaN(Number(text)) ? text : Number(text))

export function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What fields hold, as a part of a request; those that are empty are left out. */
export function valuesOf(
  fields: readonly FormField[],
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const pairs = fields.map((field) => [field.name, valueOfField(field, texts[field.name] ?? '')] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined))
}
