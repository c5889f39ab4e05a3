import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { dateTime, headers, Instant, nameOf } from './common.ts'
import { orNull } from './or-null.ts'
import { AppCredentials, Seed, Token } from './seed.ts'

/** The emulator's own routes live below this path, outside the emulated API. */
export const controlPath = '/_emulator'

/** A property nobody knows is a typing mistake: these requests are written by people. */
const exact = { additionalProperties: false } as const

export const Health = Type.Object(
  {
    status: Type.Literal('ok'),
    version: Type.String(),
    uptimeSeconds: Type.Number({ minimum: 0 }),
  },
  { title: 'Health' },
)

export const Readiness = Type.Object(
  { status: Type.Union([Type.Literal('ready'), Type.Literal('draining')]) },
  { title: 'Readiness' },
)

/** A mistake in the form of RFC 9457. */
export const ProblemBody = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
  },
  { title: 'ProblemBody' },
)

/** What worlds and snapshots are called. */
const naming = {
  pattern: nameOf('[A-Za-z0-9._-]', '[A-Za-z0-9_-]', 64),
  description: '1 to 64 letters, digits, dots, dashes and underscores, save . and ..',
} as const
const name = Type.String(naming)

/** The group of a world is its name up to the first dot. */
export const GroupQuery = Type.Object({ group: name }, { additionalProperties: false })

/** The same for names that do not arrive as a part of a control operation. */
export const nameForm = { pattern: new RegExp(naming.pattern), words: naming.description } as const

export const WorldParams = Type.Object({ name })
export const SnapshotParams = Type.Object({ name, label: name })

/** Settings of a world, each as it is written. */
export const switches = {
  auth: Type.Union([Type.Literal('any'), Type.Literal('known')]),
  devices: Type.Union([Type.Literal('adopt'), Type.Literal('strict')]),
  errorStatus: Type.Union([Type.Literal('http'), Type.Literal('ok')]),
  scopesPerModule: orNull(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
  worker: Type.Integer({ minimum: 0, maximum: 65_535 }),
  random: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
  completion: Type.Union([Type.Literal('explicit'), Type.Literal('put')]),
  unkind: Type.Union([
    Type.Object(
      {
        seed: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
        pages: Type.Optional(
          Type.Union([Type.Integer({ minimum: 1, maximum: 100 }), Type.Literal('varied'), Type.Literal('sparse')]),
        ),
        order: Type.Optional(Type.Union([Type.Literal('shuffled'), Type.Literal('reversed'), Type.Literal('kept')])),
        fields: Type.Optional(Type.Boolean()),
        latencyMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000 })),
        cursors: Type.Optional(Type.Boolean()),
      },
      { ...exact, description: 'the parts that are named, or all' },
    ),
    Type.Null(),
  ]),
  changes: Type.Boolean({
    description: 'whether what requests change is always noted, not only while somebody watches',
  }),
} as const

/** What a world begins as a copy of: another as it is, or as a snapshot of it has it. */
const Base = Type.Union([name, Type.Object({ world: name, snapshot: Type.Optional(name) }, exact)])

/**
 * Settings of a world; what is not there is as the server's own, or as those of the world that it is a copy of.
 * `scopesPerModule: null` is no limit.
 */
export const WorldRequest = Type.Partial(
  Type.Object({ ...switches, seed: Type.Union([Type.Literal('bundled'), Type.Literal('none'), Seed]), from: Base }),
  { ...exact, title: 'WorldRequest' },
)
export type WorldRequest = Static<typeof WorldRequest>

/** How much there is of everything in a world: kept requests, those of them that were refused, and live locks. */
export const WorldCounts = Type.Object(
  {
    requests: Type.Integer(),
    refused: Type.Integer(),
    dropped: Type.Integer(),
    findings: Type.Integer(),
    faults: Type.Integer(),
    snapshots: Type.Integer(),
    users: Type.Integer(),
    devices: Type.Integer(),
    locks: Type.Integer(),
  },
  { title: 'WorldCounts' },
)
export type WorldCounts = Static<typeof WorldCounts>

export const WorldQuery = Type.Object({
  counts: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
})

export const WorldsQuery = Type.Object({ ...WorldQuery.properties, group: Type.Optional(name) }, exact)

/** A world as the control plane shows it. The seed is named, not shown: it may hold credentials. */
export const WorldView = Type.Object(
  {
    name,
    url: Type.String(),
    settings: Type.Object({ ...switches, seed: Type.String() }),
    createdAt: Instant,
    lastUsedAt: Instant,
    generation: Type.Integer({ description: 'of its journal: another one where ids of requests began again' }),
    database: Type.Unsafe<'file' | 'memory'>(
      Type.Union([Type.Literal('file'), Type.Literal('memory')], {
        description: 'where its rows are: in the file of --db, which outlives the process, or in memory',
      }),
    ),
    counts: Type.Optional(WorldCounts),
  },
  { title: 'WorldView' },
)
export type WorldView = Static<typeof WorldView>

export const WorldList = Type.Object(
  {
    worlds: Type.Array(WorldView),
    limit: Type.Integer(),
    parked: Type.Optional(Type.Integer({ description: 'how many there are in the folder of --park' })),
  },
  { title: 'WorldList' },
)

export const ArchiveQuery = Type.Object({ secrets: Type.Optional(Type.Literal('include')) }, exact)

/** DEC-30. Spans are ISO 8601 durations. */
export const ClockView = Type.Object(
  {
    now: Instant,
    frozen: Type.Boolean(),
    signingNow: Instant,
    signing: Type.Union([Type.Literal('wall'), Type.Literal('state')]),
    skew: Type.String(),
  },
  { title: 'ClockView' },
)
export type ClockView = Static<typeof ClockView>

/** An instant as people write it: with or without milliseconds, in UTC. */
export const WrittenInstant = Type.String({
  ...dateTime,
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
  { ...exact, title: 'ClockRequest' },
)
export type ClockRequest = Static<typeof ClockRequest>

export const SnapshotView = Type.Object(
  {
    label: name,
    takenAt: Instant,
    now: Instant,
    bytes: Type.Integer(),
  },
  { title: 'SnapshotView' },
)
export const SnapshotList = Type.Object({ snapshots: Type.Array(SnapshotView) }, { title: 'SnapshotList' })

export const TokenRequest = Type.Object(
  {
    userId: headers['x-user-id'],
    token: Type.Optional(Token),
    lifetime: Type.Optional(orNull(Duration)),
  },
  { ...exact, title: 'TokenRequest' },
)
export type TokenRequest = Static<typeof TokenRequest>

export const TokenView = Type.Object(
  {
    token: Token,
    userId: Type.String(),
    expiresAt: orNull(Instant),
  },
  { title: 'TokenView' },
)
export type TokenView = Static<typeof TokenView>

export const TokenReference = Type.Object({ token: Token }, { ...exact, title: 'TokenReference' })

export const AppRequest = AppCredentials
export type AppRequest = Static<typeof AppRequest>

export const AppView = Type.Object({ appId: Type.String() }, { title: 'AppView' })
