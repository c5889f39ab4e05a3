import type { Entity, FileFields } from './entities.ts'

/** Paths of what is not compared, such as `record properties.startedAt`. */
export type Masks = ReadonlySet<string>

/** What stands where something is not compared. */
const anything = '*'

/**
 * What differs between two runs in which nothing went wrong, and so says nothing of one in which something did (Sieve, OSDI
 * 2022): times, made-up names, numbers of a run.
 */
export function learnMasks(one: readonly Entity[], other: readonly Entity[]): Masks {
  const [first, second] = [valuesIn(one), valuesIn(other)]
  const paths = new Set([...first.keys(), ...second.keys()])
  return new Set([...paths].filter((path) => textOf(first.get(path)) !== textOf(second.get(path))))
}

const textOf = (values: readonly unknown[] = []): string =>
  JSON.stringify(values.map((value) => JSON.stringify(value)).sort())

function valuesIn(entities: readonly Entity[]): Map<string, unknown[]> {
  const values = new Map<string, unknown[]>()
  const note = (path: string, value: unknown) => values.set(path, [...(values.get(path) ?? []), value])
  for (const { type, fields, files = [] } of entities) {
    leaves(fields, type, note)
    for (const file of files) leaves(file, 'file', note)
  }
  return values
}

/** Every value that is no object, with its path; items of lists have one path. */
function leaves(value: unknown, path: string, note: (path: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) note(path, value)
  else
    for (const [name, part] of Object.entries(value)) leaves(part, `${path} ${Array.isArray(value) ? '*' : name}`, note)
}

export const masked = (entities: readonly Entity[], masks: Masks): Entity[] =>
  entities.map(({ type, fields, files }) => ({
    type,
    fields: hidden(fields, type, masks) as Entity['fields'], // an object stays one
    ...(files && { files: files.map((file) => hidden(file, 'file', masks) as FileFields) }), // likewise
  }))

function hidden(value: unknown, path: string, masks: Masks): unknown {
  if (masks.has(path)) return anything
  if (Array.isArray(value)) return value.map((item) => hidden(item, `${path} *`, masks))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, hidden(part, `${path} ${name}`, masks)]))
}
