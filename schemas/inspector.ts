import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { ClockView, SnapshotList, WorldParams } from './control.ts'
import { FaultList } from './control-faults.ts'
import { Summary } from './journal.ts'
import { orNull } from './or-null.ts'
import type { Concern, Standing } from './statement.ts'

const Schemas = Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema, by its name' })
const texts = Type.Array(Type.String())
const standing = Type.Unsafe<Standing>(Type.String())

/** What the emulator knows beside any world: what forms are made of, and what citations say. */
export const CatalogueView = Type.Object(
  {
    version: Type.String(),
    operations: Type.Array(
      Type.Object({
        id: Type.String(),
        method: Type.String(),
        path: Type.String({ description: 'from the root on, parameters in braces' }),
        summary: Type.String(),
        standing,
        facts: texts,
        lock: Type.Boolean(),
        namesDevice: Type.Boolean(),
        hasBody: Type.Boolean(),
        items: orNull(Type.String(), { description: 'the list whose items fail alone' }),
      }),
    ),
    errors: Type.Array(
      Type.Object({ key: Type.String(), status: Type.Integer(), code: Type.Integer(), msg: Type.String() }),
    ),
    gateway: Type.Array(Type.Object({ code: Type.String(), status: Type.Integer(), message: Type.String() })),
    effects: Schemas,
    timings: Schemas,
    statements: Type.Record(
      Type.String(),
      Type.Object({ standing, sentence: Type.String(), concerns: Type.Optional(Type.Unsafe<Concern>(Type.String())) }),
    ),
    rules: Type.Array(Type.Object({ rule: Type.String(), title: Type.String(), message: Type.String(), facts: texts })),
  },
  { title: 'Catalogue' },
)
export type CatalogueView = Static<typeof CatalogueView>

const names = Type.Optional(Type.Array(WorldParams.properties.name, { maxItems: 1000 }))

export const EventsQuery = Type.Object(
  {
    world: names,
    changes: names,
    after: Type.Optional(Type.String({ maxLength: 100, description: 'the id of an event, as Last-Event-ID' })),
  },
  { additionalProperties: false },
)
export type EventsQuery = Static<typeof EventsQuery>

const world = WorldParams.properties.name
const generation = Type.Integer()

/** The data of each event of the stream, by its name. */
export const events = {
  /** Comes first. `process` is another one after a restart. */
  hello: Type.Object({ process: Type.String(), version: Type.String() }),
  /** What was recorded since the last such event; of a burst, the newest. `dropped` is that of the journal. */
  requests: Type.Object({
    world,
    generation,
    entries: Type.Array(Summary),
    skipped: Type.Integer({ description: 'how many more were recorded, all of them before these' }),
    dropped: Type.Integer(),
  }),
  world: Type.Object({
    name: world,
    change: Type.Union(
      ['made', 'reset', 'restored', 'imported', 'forked', 'adopted', 'parked', 'dropped'].map((one) =>
        Type.Literal(one),
      ),
    ),
    generation,
  }),
  clock: Type.Object({ world, ...ClockView.properties }),
  faults: Type.Object({ world, ...FaultList.properties }),
  snapshots: Type.Object({ world, ...SnapshotList.properties }),
  /** The journal was emptied, or its entries up to one were forgotten; ids go on. */
  journal: Type.Object({ world, generation, cleared: Type.Literal(true), upTo: Type.Optional(Type.Integer()) }),
  /** What came before is not all there: of this world, or of all. */
  gap: Type.Object({ world: orNull(world) }),
} as const
export type EventName = keyof typeof events
export type EventData<Name extends EventName> = Static<(typeof events)[Name]>
