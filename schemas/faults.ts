import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { WorldParams } from './control.ts'

const exact = { additionalProperties: false } as const

/** A day: no test waits longer. */
const millis = Type.Integer({ minimum: 0, maximum: 86_400_000 })
const count = Type.Integer({ minimum: 1, maximum: 1_000_000_000 })
const text = Type.String({ minLength: 1, maxLength: 1000 })

const Latency = Type.Object(
  { type: Type.Literal('latency'), ms: Type.Optional(millis), min: Type.Optional(millis), max: Type.Optional(millis) },
  exact,
)
const Refuse = Type.Object(
  {
    type: Type.Literal('refuse'),
    error: Type.Optional(text),
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    code: Type.Optional(Type.Integer({ minimum: 1 })),
    msg: Type.Optional(Type.String()),
  },
  exact,
)
const Throttle = Type.Object(
  {
    type: Type.Literal('throttle'),
    retryAfter: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400, description: 'seconds' })),
    perSecond: Type.Optional(count),
  },
  exact,
)
const Gateway = Type.Object({ type: Type.Literal('gateway'), code: text }, exact)
const Reset = Type.Object({ type: Type.Literal('reset') }, exact)
const LoseAnswer = Type.Object({ type: Type.Literal('loseAnswer') }, exact)
const Truncate = Type.Object(
  { type: Type.Literal('truncate'), bytes: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }) },
  exact,
)
const Slow = Type.Object({ type: Type.Literal('slow'), bytesPerSecond: count }, exact)
const FailItems = Type.Object(
  {
    type: Type.Literal('failItems'),
    indexes: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 99 }), { minItems: 1, maxItems: 100 })),
    match: Type.Optional(Type.Unknown({ description: 'an id, or properties that an item has' })),
    errorCode: text,
    msg: Type.Optional(Type.String()),
  },
  exact,
)

/** Every effect, by its type. */
export const effects = {
  latency: Latency,
  refuse: Refuse,
  throttle: Throttle,
  gateway: Gateway,
  reset: Reset,
  loseAnswer: LoseAnswer,
  truncate: Truncate,
  slow: Slow,
  failItems: FailItems,
} as const

export const timings = {
  first: Type.Object({ first: count }, exact),
  every: Type.Object({ every: count }, exact),
  probability: Type.Object({ probability: Type.Number({ exclusiveMinimum: 0, maximum: 1 }) }, exact),
} as const

/** The frame of a fault; its effect and its timing are checked by their own forms, so that a mistake is named exactly. */
export const FaultRequest = Type.Object(
  {
    operations: Type.Union([Type.Literal('*'), Type.Array(text, { minItems: 1 })]),
    deviceId: Type.Optional(text),
    body: Type.Optional(Type.Record(Type.String({ pattern: '^/' }), Type.Unknown(), exact)),
    when: Type.Optional(Type.Object({})),
    effect: Type.Object({ type: Type.String() }),
  },
  exact,
)
export type FaultRequest = Static<typeof FaultRequest>

export const FaultParams = Type.Object({ ...WorldParams.properties, id: Type.String() })
