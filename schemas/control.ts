import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { headers, Instant } from './common.ts'
import { Seed } from './seed.ts'

/** The emulator's own routes live below this path, outside the emulated API. */
export const controlPath = '/_emulator'

/** A property nobody knows is a typing mistake: these requests are written by people. */
const exact = { additionalProperties: false } as const

export const Health = Type.Object({
  status: Type.Literal('ok'),
  version: Type.String(),
  uptimeSeconds: Type.Number({ minimum: 0 }),
})

/** What worlds and snapshots are called. */
const naming = {
  pattern: '^[A-Za-z0-9._-]{1,64}$',
  description: '1 to 64 letters, digits, dots, dashes and underscores',
} as const
const name = Type.String(naming)

/** The same for names that do not arrive as a part of a request. */
export const nameForm = { pattern: new RegExp(naming.pattern), words: naming.description } as const

export const WorldParams = Type.Object({ name })
export const SnapshotParams = Type.Object({ name, label: name })

const switches = {
  auth: Type.Union([Type.Literal('any'), Type.Literal('known')]),
  devices: Type.Union([Type.Literal('adopt'), Type.Literal('strict')]),
  errorStatus: Type.Union([Type.Literal('http'), Type.Literal('ok')]),
  scopesPerModule: Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000_000 }), Type.Null()]),
  worker: Type.Integer({ minimum: 0, maximum: 65_535 }),
  random: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
  unkind: Type.Union([
    Type.Object({ seed: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }) }, { additionalProperties: false }),
    Type.Null(),
  ]),
} as const

/** Settings of a world; what is not there is as the server's own. `scopesPerModule: null` is no limit. */
export const WorldRequest = Type.Partial(
  Type.Object({ ...switches, seed: Type.Union([Type.Literal('bundled'), Type.Literal('none'), Seed]) }),
  exact,
)
export type WorldRequest = Static<typeof WorldRequest>

/** A world as the control plane shows it. The seed is named, not shown: it may hold credentials. */
export const WorldView = Type.Object({
  name,
  url: Type.String(),
  settings: Type.Object({ ...switches, seed: Type.String() }),
  createdAt: Instant,
  lastUsedAt: Instant,
})
export type WorldView = Static<typeof WorldView>

export const WorldList = Type.Object({ worlds: Type.Array(WorldView), limit: Type.Integer() })

/** DEC-30. Spans are ISO 8601 durations. */
export const ClockView = Type.Object({
  now: Instant,
  frozen: Type.Boolean(),
  signingNow: Instant,
  signing: Type.Union([Type.Literal('wall'), Type.Literal('state')]),
  skew: Type.String(),
})
export type ClockView = Static<typeof ClockView>

/** An instant as people write it: with or without milliseconds, in UTC. */
const WrittenInstant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$',
  examples: ['2025-12-17T07:27:27.709Z'],
})

const Duration = Type.String({ description: 'an ISO 8601 duration from weeks to milliseconds, such as PT10M' })

export const ClockRequest = Type.Partial(
  Type.Object({
    frozen: Type.Boolean(),
    now: WrittenInstant,
    advance: Duration,
    skew: Duration,
    signing: ClockView.properties.signing,
  }),
  exact,
)
export type ClockRequest = Static<typeof ClockRequest>

export const SnapshotView = Type.Object({
  label: name,
  takenAt: Instant,
  now: Instant,
  bytes: Type.Integer(),
})
export const SnapshotList = Type.Object({ snapshots: Type.Array(SnapshotView) })

const token = Type.String({ pattern: '^[\\x21-\\x7e]{1,4096}$' })

export const TokenRequest = Type.Object(
  {
    userId: headers['x-user-id'],
    token: Type.Optional(token),
    lifetime: Type.Optional(Type.Union([Duration, Type.Null()])),
  },
  exact,
)
export type TokenRequest = Static<typeof TokenRequest>

export const TokenView = Type.Object({
  token,
  userId: Type.String(),
  expiresAt: Type.Union([Instant, Type.Null()]),
})
export type TokenView = Static<typeof TokenView>

export const TokenReference = Type.Object({ token }, exact)

export const AppRequest = Type.Object(
  { appId: Type.String({ pattern: '^[!-+\\--~]{1,256}$' }), appSecret: Type.String({ minLength: 1, maxLength: 4096 }) },
  exact,
)
export type AppRequest = Static<typeof AppRequest>

export const AppView = Type.Object({ appId: Type.String() })

export const ExplainRequest = Type.Object(
  {
    method: Type.String({ pattern: '^[A-Za-z-]{1,20}$' }),
    path: Type.String({ pattern: '^/', maxLength: 16_384 }),
    headers: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())])),
    body: Type.Optional(Type.Unknown({ description: 'text as it is sent, or any other JSON to be sent as such' })),
    now: Type.Optional(WrittenInstant),
  },
  exact,
)
export type ExplainRequest = Static<typeof ExplainRequest>

/** Which check of DEC-1 decided; `null` where all were passed. */
export const Explanation = Type.Object({
  accepted: Type.Boolean(),
  check: Type.Union([Type.String(), Type.Null()]),
  code: Type.Integer(),
  reason: Type.Union([Type.String(), Type.Null()]),
  canonicalRequest: Type.Optional(Type.String()),
  stringToSign: Type.Optional(Type.String()),
})
export type Explanation = Static<typeof Explanation>
