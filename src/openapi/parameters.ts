import type { TObject, TSchema } from '@sinclair/typebox'
import { headers, printedHeaders } from '../../schemas/common.ts'
import type { Operation } from '../../schemas/operation.ts'
import { exampleUser, exampleValue } from './examples.ts'
import type { Json } from './json.ts'
import { mapValues } from './json.ts'
import type { SchemaWriter } from './schemas.ts'

export const isRequired = ({ required = [] }: TObject, name: string): boolean => required.includes(name)

/** What is taken under a name, in a place of the request. */
export function parameter(writer: SchemaWriter, name: string, schema: TSchema, place: Json, example: unknown): Json {
  const { description } = schema
  const meaning = description === undefined ? {} : { description }
  return { name, ...place, ...meaning, schema: writer.write(schema), ...(example === undefined ? {} : { example }) }
}

type HeaderName = keyof typeof headers

function header(writer: SchemaWriter, name: HeaderName, example: unknown): Json {
  return parameter(writer, printedHeaders[name] ?? name, headers[name], { in: 'header', required: true }, example)
}

/** The headers that operations share, as components. */
export const sharedParameters = (writer: SchemaWriter): Record<string, Json> =>
  mapValues(
    {
      xUserId: ['x-user-id', exampleUser],
      xDate: ['x-date', headers['x-date'].examples?.[0]],
      xBackupLockId: ['x-backup-lock-id', headers['x-backup-lock-id'].examples?.[0]],
    } as const,
    ([name, example]) => header(writer, name, example),
  )

const shared = (name: 'xUserId' | 'xDate' | 'xBackupLockId'): Json => ({ $ref: `#/components/parameters/${name}` })

/** What an operation takes beside its body. `Authorization` is not among it: OpenAPI has security schemes for that. */
export function parametersOf(writer: SchemaWriter, contract: Operation): Json[] {
  const { id, lock, headers: own, params, query } = contract
  const listed = (part: TObject | undefined, place: 'header' | 'path' | 'query') =>
    Object.entries(part?.properties ?? {}).map(([name, schema]) => {
      const required = part !== undefined && isRequired(part, name)
      const printed = printedHeaders[name] ?? name
      return parameter(writer, printed, schema, { in: place, required }, exampleValue(id, name, schema))
    })
  return [
    ...listed(params, 'path'),
    ...listed(query, 'query'),
    shared('xUserId'),
    shared('xDate'),
    ...(lock ? [shared('xBackupLockId')] : []),
    ...listed(own, 'header'),
  ]
}
