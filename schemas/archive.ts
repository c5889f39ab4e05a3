import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Change } from './change.ts'
import { checkNames, contractParts } from './checks.ts'
import { SnapshotParams, switches } from './control.ts'
import { FaultView } from './control-faults.ts'
import { goalKinds } from './coverage.ts'
import { orNull } from './or-null.ts'
import { GeneratorState } from './seed.ts'

/** The media type of an archived world. */
export const archiveType = 'application/vnd.koodrive.world'

/** Of the file as a whole; what is in its images has a version of its own, the schema's. */
export const archiveFormat = 1

/** In Unix milliseconds. */
const instant = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 })
const count = Type.Integer({ minimum: 0 })
const text = Type.String()

/** How both clocks of a world stand (DEC-30). */
const clock = Type.Object({
  frozenAt: orNull(instant),
  offset: Type.Integer(),
  skew: Type.Integer(),
  signing: Type.Union([Type.Literal('wall'), Type.Literal('state')]),
})

/** Where an image is: the images follow the head in this order. */
const image = Type.Object({
  bytes: Type.Integer({ minimum: 512 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})

const keptBody = Type.Object({
  text,
  cut: Type.Optional(Type.Object({ bytes: count, sha256: text })),
  isBinary: Type.Optional(Type.Literal(true)),
})

const facts = Type.Object({
  sent: Type.Record(text, text),
  given: Type.Object({
    parts: Type.Optional(Type.Array(Type.Number())),
    parallel: Type.Optional(Type.Array(Type.Number())),
  }),
  ids: Type.Array(text),
  scalars: Type.Record(text, text),
  items: orNull(
    Type.Object({
      done: count,
      failed: Type.Array(Type.Object({ index: count, code: text })),
      digests: Type.Array(text),
    }),
  ),
  listed: orNull(count),
  values: Type.Record(text, text),
  nextCursor: orNull(text),
  digest: orNull(text),
  unread: Type.Array(text),
})

const oneOf = <const Name extends string>(names: readonly Name[]) =>
  Type.Unsafe<Name>(Type.Union(names.map((name) => Type.Literal(name))))

/** One exchange, as a journal keeps it. */
const ArchivedEntry = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  time: instant,
  wallTime: instant,
  signingTime: instant,
  clockMoved: Type.Integer(),
  durationMs: Type.Number(),
  endedAt: instant,
  endTime: instant,
  begunAfter: count,
  operation: orNull(text),
  method: text,
  httpVersion: Type.Optional(Type.String({ pattern: '^([0-9]\\.[0-9])?$' })),
  path: text,
  params: Type.Record(text, text),
  query: Type.Array(Type.Tuple([text, text])),
  world: text,
  connection: Type.Integer(),
  isFirstOnConnection: Type.Boolean(),
  requestHeaders: Type.Array(text),
  requestBody: keptBody,
  requestSize: Type.Integer(),
  status: orNull(Type.Integer()),
  code: orNull(Type.Integer()),
  reason: orNull(text),
  refusal: orNull(text),
  check: orNull(oneOf(checkNames)),
  part: orNull(oneOf(contractParts)),
  responseHeaders: Type.Record(text, Type.Unknown()),
  responseBody: keptBody,
  delivered: Type.Boolean(),
  fault: orNull(text),
  effect: orNull(text),
  isInjected: Type.Boolean(),
  retryAfter: orNull(text),
  rowsWritten: count,
  changes: orNull(Type.Array(Change)),
  changesOmitted: count,
  workBefore: count,
  replayOf: orNull(count),
  madeFirst: Type.Boolean(),
  facts: orNull(facts),
})

/**
 * The first line of an archive, as JSON: everything of a world that is in none of its images. The images follow it, byte for
 * byte as SQLite writes a database, first that of the world and then those of its snapshots.
 */
export const ArchiveHead = Type.Object(
  {
    format: Type.Literal(archiveFormat),
    /** The version that wrote it. */
    emulator: text,
    /** How many migrations the images have behind them; what decides is in each image. */
    schema: count,
    name: text,
    archivedAt: instant,
    createdAt: instant,
    /** Whether tokens, apps and those of the seed are in it. */
    secrets: Type.Boolean(),
    settings: Type.Object({ ...switches }),
    clock,
    instant,
    image,
    snapshots: Type.Array(
      Type.Object({ label: SnapshotParams.properties.label, clock, instant, takenAt: instant, image }),
    ),
    faults: Type.Object({
      made: count,
      random: GeneratorState,
      chance: count,
      faults: Type.Array(FaultView),
      seconds: Type.Array(Type.Tuple([text, Type.Integer(), count])),
    }),
    unkindness: orNull(GeneratorState),
    coverage: Type.Object({
      requests: count,
      calls: Type.Array(Type.Tuple([text, count])),
      met: Type.Array(Type.Tuple([text, oneOf(goalKinds), text, count])),
    }),
    works: Type.Object({ order: count, lastUnknown: count }),
    journal: Type.Object({
      nextId: Type.Integer({ minimum: 1 }),
      dropped: count,
      restorations: Type.Array(count),
      entries: Type.Array(ArchivedEntry),
    }),
  },
  { title: 'ArchiveHead' },
)
export type ArchiveHead = Static<typeof ArchiveHead>

/** Of the images of a file together, in bytes. */
export const largestArchive = 1024 * 1024 * 1024
/** Of its head. */
export const largestHead = 256 * 1024 * 1024
