import { Type } from '@sinclair/typebox'

/** DEC-14: what a team knows the real service to give, by the keys of the catalogue. */
export const profileOf = (keys: readonly string[]) =>
  Type.Object(
    { errors: Type.Object(Object.fromEntries(keys.map((key) => [key, Type.Optional(Override)])), exact) },
    exact,
  )

const exact = { additionalProperties: false } as const

const Override = Type.Object(
  {
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    code: Type.Optional(Type.Integer({ minimum: 1 })),
    msg: Type.Optional(Type.String()),
  },
  exact,
)
