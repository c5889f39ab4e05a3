import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { WorldParams } from './control.ts'

const exact = { additionalProperties: false } as const

/** A day: no test waits longer. */
const millis = Type.Integer({ minimum: 0, maximum: 86_400_000 })
const count = Type.Integer({ minimum: 1, maximum: 1_000_000_000 })
const text = Type.String({ minLength: 1, maxLength: 1000 })

const status = Type.Integer({ minimum: 200, maximum: 599 })

const retry = {
  retryAfter: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400, description: 'seconds' })),
  retryAfterForm: Type.Optional(Type.Union([Type.Literal('seconds'), Type.Literal('date')])),
} as const

const Latency = Type.Object(
  { type: Type.Literal('latency'), ms: Type.Optional(millis), min: Type.Optional(millis), max: Type.Optional(millis) },
  { ...exact, title: 'Latency' },
)
const Refuse = Type.Object(
  {
    type: Type.Literal('refuse'),
    error: Type.Optional(text),
    status: Type.Optional(status),
    code: Type.Optional(Type.Integer({ minimum: 1 })),
    msg: Type.Optional(Type.String()),
    ...retry,
  },
  { ...exact, title: 'Refuse' },
)
const Throttle = Type.Object(
  { type: Type.Literal('throttle'), perSecond: Type.Optional(count), ...retry },
  { ...exact, title: 'Throttle' },
)
const Gateway = Type.Object({ type: Type.Literal('gateway'), code: text }, { ...exact, title: 'Gateway' })
const Html = Type.Object(
  {
    type: Type.Literal('html'),
    status: Type.Optional(status),
    body: Type.Optional(Type.String({ maxLength: 1_000_000 })),
    ...retry,
  },
  { ...exact, title: 'Html' },
)
const Redirect = Type.Object(
  {
    type: Type.Literal('redirect'),
    status: Type.Union([301, 302, 303, 307, 308].map((code) => Type.Literal(code))),
    location: Type.String({ pattern: '^[\\x21-\\x7e]+$', maxLength: 2000 }),
  },
  { ...exact, title: 'Redirect' },
)
const Reset = Type.Object(
  {
    type: Type.Literal('reset'),
    at: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'a fraction of the body of an upload' })),
  },
  { ...exact, title: 'Reset' },
)
const LoseAnswer = Type.Object({ type: Type.Literal('loseAnswer') }, { ...exact, title: 'LoseAnswer' })
const Truncate = Type.Object(
  { type: Type.Literal('truncate'), bytes: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }) },
  { ...exact, title: 'Truncate' },
)
const Slow = Type.Object({ type: Type.Literal('slow'), bytesPerSecond: count }, { ...exact, title: 'Slow' })
const FailItems = Type.Object(
  {
    type: Type.Literal('failItems'),
    indexes: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 99 }), { minItems: 1, maxItems: 100 })),
    match: Type.Optional(Type.Unknown({ description: 'an id, or properties that an item has' })),
    errorCode: text,
    msg: Type.Optional(Type.String()),
  },
  { ...exact, title: 'FailItems' },
)

const Intrusion = Type.Object(
  {
    method: Type.Union(['GET', 'POST', 'PATCH', 'DELETE'].map((method) => Type.Literal(method))),
    path: Type.String({
      pattern: '^/',
      maxLength: 16_384,
      description: 'below the base path; {deviceId} is that of the request',
    }),
    headers: Type.Optional(
      Type.Partial(Type.Object({ 'x-user-id': text, 'x-backup-lock-id': text }), {
        ...exact,
        description: 'in place of those of the request',
      }),
    ),
    body: Type.Optional(Type.Unknown({ description: 'a text "{moduleCode}" in it is that of the request' })),
  },
  { ...exact, title: 'Intrusion' },
)
const Meanwhile = Type.Object(
  {
    type: Type.Literal('meanwhile'),
    advance: Type.Optional(Type.String({ description: 'an ISO 8601 duration by which the state clock moves on' })),
    expireToken: Type.Optional(Type.Literal(true)),
    again: Type.Optional(
      Type.Object({}, { description: 'the same request by somebody else, its body patched (RFC 7396)' }),
    ),
    requests: Type.Optional(Type.Array(Intrusion, { minItems: 1, maxItems: 20 })),
  },
  { ...exact, title: 'Meanwhile' },
)

/** Every effect, by its type. */
export const effects = {
  latency: Latency,
  refuse: Refuse,
  throttle: Throttle,
  gateway: Gateway,
  html: Html,
  redirect: Redirect,
  reset: Reset,
  loseAnswer: LoseAnswer,
  truncate: Truncate,
  slow: Slow,
  failItems: FailItems,
  meanwhile: Meanwhile,
} as const

export const timings = {
  first: Type.Object({ first: count }, exact),
  every: Type.Object({ every: count }, exact),
  nth: Type.Object({ nth: count }, exact),
  from: Type.Object({ from: count }, exact),
  probability: Type.Object({ probability: Type.Number({ exclusiveMinimum: 0, maximum: 1 }) }, exact),
} as const

/** The frame of a fault; its effect and its timing are checked by their own forms, so that a mistake is named exactly. */
export const FaultRequest = Type.Object(
  {
    operations: Type.Union([Type.Literal('*'), Type.Array(text, { minItems: 1 })]),
    deviceId: Type.Optional(text),
    body: Type.Optional(Type.Record(Type.String({ pattern: '^/' }), Type.Unknown(), exact)),
    when: Type.Optional(Type.Object({}, { 'x-forms': Object.values(timings) })),
    effect: Type.Object({ type: Type.String() }, { 'x-forms': Object.values(effects) }),
  },
  { ...exact, title: 'FaultRequest' },
)
export type FaultRequest = Static<typeof FaultRequest>

export const FaultParams = Type.Object({ ...WorldParams.properties, id: Type.String() })

/** A fault as it is, with what it did so far. */
export const FaultView = Type.Object(
  {
    ...FaultRequest.properties,
    id: Type.String(),
    matched: Type.Integer({ description: 'requests that fitted' }),
    hits: Type.Integer({ description: 'those of them in which it fired' }),
    refused: Type.Optional(
      Type.String({ description: 'why a request of its own was refused the last time that one was' }),
    ),
    paused: Type.Boolean({ description: 'whether it passes every request by for now' }),
  },
  { title: 'FaultView' },
)
export const FaultList = Type.Object({ faults: Type.Array(FaultView) }, { title: 'FaultList' })

export const FaultChange = Type.Partial(
  Type.Object({
    paused: Type.Boolean(),
    position: Type.Integer({
      minimum: 0,
      description: 'its place in the order in which faults are tried; beyond the last one, the last',
    }),
  }),
  { ...exact, title: 'FaultChange' },
)
export type FaultChange = Static<typeof FaultChange>

/** Which requests of a journal a fault would have met, had it been there from the beginning. */
export const FaultMatch = Type.Object(
  {
    would: Type.Array(
      Type.Object({
        id: Type.Integer(),
        fires: Type.Union([Type.Boolean(), Type.Null()], {
          description: 'null where too little is kept to know it, or to know whether the request fits',
        }),
      }),
    ),
  },
  { title: 'FaultMatch' },
)
export type FaultMatch = Static<typeof FaultMatch>
