import { readFileSync } from 'node:fs'
import type { TObject, TSchema } from '@sinclair/typebox'
import type { OperationId } from '../../schemas/index.ts'
import { packageFile } from '../process/package.ts'
import { isRecord } from './json.ts'

type Texts = Readonly<Record<string, string>>

/** A request and its answer as the documentation prints them. */
export interface Example {
  readonly page: string
  readonly facts: readonly string[]
  /** What was added to what is printed, and why. */
  readonly completed?: string
  readonly operation: OperationId
  /** When it was made; ids and times of the answer follow from it (COM-10). */
  readonly at: string
  /** Sent as `x-backup-lock-id`; a live lock of the module that it names. */
  readonly lockId?: string
  /** The record that is there already, made at the same instant under that lock. */
  readonly record?: { readonly moduleCode: string; readonly deviceId: string }
  readonly params?: Texts
  readonly query?: Texts
  readonly body?: unknown
  readonly answer: unknown
  /** JSON pointers to what is random in the answer: only its form can be as printed. */
  readonly varies?: readonly string[]
}

const read = (path: string) => JSON.parse(readFileSync(packageFile(path), 'utf8'))

/** Every documented pair of request and answer. */
export const examples: readonly Example[] = read('data/examples.json')

/** The user of the bundled seed, whose devices the documented examples are about. */
export const [exampleUser = ''] = Object.keys(read('data/seed.json').users)

/** The documented example of an operation, if there is one. */
export const exampleOf = (id: string): Example | undefined => examples.find(({ operation }) => operation === id)

/**
 * A value for a parameter or property: the operation's own documented one, else the schema's, else whatever any documented
 * request or answer has under that name.
 */
export function exampleValue(id: string, name: string, schema: TSchema): unknown {
  const own = exampleOf(id)
  const text =
    findNamed([own?.params, own?.query, own?.body], name) ?? schema.examples?.[0] ?? findNamed(examples, name)
  return schema['type'] === 'integer' && text !== undefined ? Number(text) : text
}

/** A body put together from values that are documented somewhere. */
export function exampleBody(id: string, body: TObject): unknown {
  const properties = Object.entries(body.properties).map(([name, schema]) => [name, exampleValue(id, name, schema)])
  return Object.fromEntries(properties.filter(([, value]) => value !== undefined))
}

/** The first value that stands under a name, at any depth. */
function findNamed(within: unknown, name: string): unknown {
  if (isRecord(within) && Object.hasOwn(within, name)) return within[name]
  const inner: readonly unknown[] = typeof within === 'object' && within !== null ? Object.values(within) : []
  for (const value of inner) {
    const found = findNamed(value, name)
    if (found !== undefined) return found
  }
  return undefined
}
