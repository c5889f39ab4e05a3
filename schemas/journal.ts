import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Change } from './change.ts'
import { Instant } from './common.ts'
import { WorldParams, WrittenInstant } from './control.ts'
import { CheckView } from './explain.ts'
import { operationNames } from './index.ts'
import { orNull } from './or-null.ts'

const whole = Type.Optional(Type.String({ pattern: '^[0-9]{1,10}$', description: 'a whole number' }))
const since = Type.Optional(WrittenInstant)

/** What an exchange can be called: an operation of the API, or the part of an upload (DEC-29). */
const operation = Type.Union(operationNames.map((id) => Type.Literal(id)))

/** How an exchange ended: of its items some failed, a fault answered in its place, or no answer arrived whole. */
export const Outcome = Type.Unsafe<'accepted' | 'partial' | 'refused' | 'injected' | 'unanswered'>(
  Type.Union(['accepted', 'partial', 'refused', 'injected', 'unanswered'].map((one) => Type.Literal(one))),
)
export type Outcome = Static<typeof Outcome>

/** Which entries of a journal are meant; `body.<name>` beside these is a property of the request's body, as text. */
export const JournalQuery = Type.Object({
  operation: Type.Optional(Type.Unsafe<string>(operation)),
  deviceId: Type.Optional(Type.String()),
  status: whole,
  code: whole,
  since,
  until: since,
  limit: whole,
  after: whole,
  userId: Type.Optional(Type.String()),
  outcome: Type.Optional(Outcome),
  fault: Type.Optional(
    Type.String({ pattern: '^(any|fault-[0-9]+)$', description: 'the id of the fault that fired, or any' }),
  ),
  finding: Type.Optional(Type.String({ description: 'a rule of the review that the exchange shows, or any' })),
  fact: Type.Optional(Type.String({ description: 'the id of a fact or decision that the reason names' })),
  unread: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
  q: Type.Optional(Type.String({ description: 'text in path, reason or bodies, in any case', maxLength: 1000 })),
})
export type JournalQuery = Static<typeof JournalQuery>

/** The same for the list itself, which can be had as rows. */
export const ListQuery = Type.Object({
  ...JournalQuery.properties,
  view: Type.Optional(Type.Union([Type.Literal('summary'), Type.Literal('whole')])),
})
export type ListQuery = Static<typeof ListQuery>

/** The stream tells everything, whatever else its query may hold. */
export const WatchQuery = Type.Object({})

/** Which entries are forgotten. */
export const ClearQuery = Type.Object(
  {
    upTo: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,10}$', description: 'the newest entry that is forgotten; without it, all are' }),
    ),
  },
  { additionalProperties: false },
)

const texts = Type.Record(Type.String(), Type.String())
const body = Type.Unknown({
  description: 'JSON where it is JSON, otherwise text; its beginning where only that is kept',
})

/** What every view of an exchange begins with. */
const heading = {
  id: Type.Integer(),
  time: Instant,
  wallTime: Instant,
  durationMs: Type.Number(),
  operation: orNull(Type.String()),
  method: Type.String(),
  path: Type.String(),
  world: Type.String(),
}

/** One exchange. */
export const EntryDocument = Type.Object(
  {
    ...heading,
    requestHeaders: texts,
    requestBody: body,
    requestSize: Type.Integer({ description: 'in bytes; -1 where it is not known' }),
    status: orNull(Type.Integer()),
    code: orNull(Type.Integer()),
    reason: orNull(Type.String()),
    responseHeaders: texts,
    responseBody: body,
    delivered: Type.Boolean({ description: 'whether the answer went out whole' }),
    fault: orNull(Type.String()),
    effect: orNull(Type.String({ description: 'what the fault did' })),
    retryAfter: orNull(Type.Number({ description: 'seconds' })),
    rowsWritten: Type.Integer(),
    unread: Type.Array(Type.String()),
    connection: Type.Integer(),
    isFirstOnConnection: Type.Boolean(),
    signingTime: Instant,
  },
  { title: 'EntryView' },
)

export const EntryList = Type.Object(
  {
    requests: Type.Array(EntryDocument),
    dropped: Type.Integer({ description: 'how many are no longer kept because others came' }),
  },
  { title: 'EntryList' },
)

const ItemsView = Type.Object({
  done: Type.Integer(),
  failed: Type.Array(Type.Object({ index: Type.Integer(), code: Type.String() })),
})

/** One exchange as a row of a list shows it. */
export const Summary = Type.Object(
  {
    ...heading,
    userId: orNull(Type.String()),
    lockId: orNull(Type.String({ description: 'as the request showed it' })),
    sent: Type.Record(Type.String(), Type.String(), {
      description: 'ids and names of the request, such as moduleCode',
    }),
    given: Type.Record(Type.String(), Type.String(), { description: 'ids that the answer handed out' }),
    status: orNull(Type.Integer()),
    code: orNull(Type.Integer()),
    refusal: orNull(Type.String({ description: 'the key of the catalogue, or the code of the object store' })),
    reason: orNull(Type.String()),
    outcome: Outcome,
    worked: Type.Boolean({ description: 'whether its work was done, answered or not' }),
    items: orNull(Type.Object({ done: Type.Integer(), failed: Type.Integer() })),
    delivered: Type.Boolean(),
    fault: orNull(Type.String()),
    retryAfter: orNull(Type.Number({ description: 'seconds' })),
    rowsWritten: Type.Integer(),
    unread: Type.Integer({ description: 'how many fields and parameters nobody reads' }),
    connection: Type.Integer(),
    isFirstOnConnection: Type.Boolean(),
    replayOf: orNull(Type.Integer({ description: 'the entry that it sent once more, or was made for' })),
    madeFirst: Type.Boolean({ description: 'whether it is one of the calls in first, which are made before a replay' }),
    clockMoved: Type.Integer({
      description:
        'by how much the state clock had been moved in all, in milliseconds; two entries tell what was moved between',
    }),
  },
  { title: 'Summary' },
)
export type Summary = Static<typeof Summary>

/** Entries as rows of a list: what `view=summary` answers. */
export const SummaryList = Type.Object(
  {
    requests: Type.Array(Summary),
    dropped: EntryList.properties.dropped,
    restorations: Type.Array(Type.Integer(), {
      description:
        'the newest entry at each time when the world was put back to another state: what was held then is held no more',
    }),
  },
  { title: 'SummaryList' },
)
export type SummaryList = Static<typeof SummaryList>

export const EntryParams = Type.Object({
  ...WorldParams.properties,
  id: Type.String({ pattern: '^[0-9]{1,10}$', description: 'the number of an entry' }),
})

const Found = Type.Object(
  {
    rule: Type.String(),
    title: Type.String(),
    message: Type.String(),
    facts: Type.Array(Type.String(), { description: 'ids of the facts and decisions that the rule rests on' }),
    requests: Type.Array(Type.Integer(), { description: 'ids of entries' }),
  },
  { title: 'Finding' },
)

/** One exchange with all that is known of it. */
export const ExchangeDocument = Type.Object(
  {
    ...EntryDocument.properties,
    userId: Summary.properties.userId,
    refusal: Summary.properties.refusal,
    outcome: Outcome,
    worked: Summary.properties.worked,
    requestText: Type.String({ description: 'the body as it was sent, or its beginning; base64 where it is no text' }),
    responseText: Type.String(),
    items: orNull(ItemsView),
    checks: Type.Array(CheckView, { description: 'of DEC-1, in their order' }),
    facts: Type.Array(Type.String(), { description: 'ids of the facts and decisions that the reason rests on' }),
    changes: orNull(Type.Array(Change, { description: 'null where nobody noted them' })),
    changesOmitted: Type.Integer({ description: 'how many more changes there were' }),
    findings: Type.Array(Found),
    replayOf: Summary.properties.replayOf,
    madeFirst: Summary.properties.madeFirst,
    replays: Type.Array(Type.Integer()),
  },
  { title: 'ExchangeView' },
)
export type ExchangeShown = Static<typeof ExchangeDocument>

export const EntryCount = Type.Object({ count: Type.Integer() }, { title: 'EntryCount' })

export const FindingList = Type.Object(
  {
    findings: Type.Array(Found),
    complete: Type.Boolean({ description: 'whether every exchange since the journal was begun or emptied was judged' }),
    dropped: Type.Integer({ description: 'how many were not, because they are no longer kept' }),
  },
  { title: 'FindingList' },
)
