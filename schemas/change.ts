import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { orNull } from './or-null.ts'

/** What a world stores, by the names of the API; credentials are none of it. */
const entities = ['device', 'scope', 'config', 'lock', 'record', 'file', 'upload'] as const

const Fields = Type.Record(Type.String(), Type.Unknown())
const FieldsOrNull = orNull(Fields)

/**
 * What became of one thing that a world stores: the same of a request, and between two states. An `upload` is a part of one, as
 * it was announced or as it came.
 */
export const Change = Type.Object(
  {
    entity: Type.Unsafe<(typeof entities)[number]>(Type.Union(entities.map((name) => Type.Literal(name)))),
    change: Type.Union([Type.Literal('added'), Type.Literal('changed'), Type.Literal('removed')]),
    userId: Type.String(),
    key: Type.Record(Type.String(), Type.String(), { description: 'by what it is known, such as its id' }),
    before: FieldsOrNull,
    after: FieldsOrNull,
  },
  { title: 'Change' },
)
export type Change = Static<typeof Change>

export const ChangeList = Type.Object({ changes: Type.Array(Change) }, { title: 'ChangeList' })

const point = Type.String({
  pattern: '^(now|request:[0-9]{1,10}|[A-Za-z0-9._-]{1,64})$',
  description: 'now, the label of a snapshot, or request:8 for the state before the request 8',
})

export const DiffQuery = Type.Object({ from: point, to: Type.Optional(point) }, { additionalProperties: false })
