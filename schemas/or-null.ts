import type { SchemaOptions, TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'

/** A value, or `null` where there is none. */
export const orNull = <Schema extends TSchema>(schema: Schema, options?: SchemaOptions) =>
  Type.Union([schema, Type.Null()], options)
