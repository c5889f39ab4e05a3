import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { WrittenInstant } from './control.ts'
import { orNull } from './or-null.ts'

const exact = { additionalProperties: false } as const

const method = Type.String({ pattern: '^[A-Za-z-]{1,20}$' })
/** As it stands in a request line, good or not: what is wrong with it is for the answer to say. */
const path = Type.String({ pattern: '^[^\\r\\n]+$', maxLength: 16_384 })
const body = Type.Unknown({ description: 'text as it is sent, or any other JSON to be sent as such' })
const header = Type.Union([Type.String(), Type.Array(Type.String())])
const changedHeaders = Type.Record(Type.String(), orNull(header), {
  description: 'in place of those of the same name; null takes one away',
})

/** What is to be another in a request of the journal. */
export const RequestChange = Type.Object(
  {
    method: Type.Optional(method),
    path: Type.Optional(path),
    headers: Type.Optional(changedHeaders),
    body: Type.Optional(body),
  },
  { ...exact, title: 'RequestChange' },
)
export type RequestChange = Static<typeof RequestChange>

/** A request that is written out, which has `method`, `path` and `headers`; or one of the journal, with what is to be another. */
export const ExplainRequest = Type.Partial(
  Type.Object({
    method,
    path,
    headers: Type.Record(Type.String(), header),
    body,
    request: Type.Integer({ minimum: 1, description: 'the id of an entry of the journal' }),
    change: RequestChange,
    now: WrittenInstant,
    advice: Type.Boolean({ description: 'whether to try what would have been accepted' }),
  }),
  { ...exact, title: 'ExplainRequest' },
)
export type ExplainRequest = Static<typeof ExplainRequest>

/** A check of DEC-1 and how it went; `null` where it was not reached. */
export const CheckView = Type.Object({ check: Type.String(), passed: orNull(Type.Boolean()) }, { title: 'CheckView' })
export type CheckView = Static<typeof CheckView>

/** A call that a request needs before it, by the same client. */
export const AdvisedCall = Type.Object(
  {
    method,
    path,
    headers: Type.Record(Type.String(), Type.String(), { description: 'beside those of the client' }),
    body: Type.Optional(Type.Unknown()),
    gives: Type.Optional(
      Type.Object(
        {
          name: Type.String({ minLength: 2, description: 'what stands for it in what follows, such as $lockId' }),
          from: Type.String({ minLength: 1, description: 'where its answer has the value, such as data/lockId' }),
        },
        exact,
      ),
    ),
  },
  { ...exact, title: 'AdvisedCall' },
)
export type AdvisedCall = Static<typeof AdvisedCall>

/** Something to change in the request, to call before it, or to wait for. */
export const AdviceStep = Type.Union(
  [
    Type.Object({
      at: Type.String({ description: 'method, path, header/<name>, query/<name>, or a pointer such as body/pageSize' }),
      from: Type.Unknown({ description: 'null where there was none' }),
      to: Type.Unknown({ description: 'null where it is to be left out' }),
    }),
    Type.Object({ call: AdvisedCall }),
    Type.Object({ now: Type.String({ description: 'the first instant of the state clock at which it passes' }) }),
  ],
  { title: 'AdviceStep' },
)
export type AdviceStep = Static<typeof AdviceStep>

/** Steps that were tried on the present state, in order, and undone. */
export const Advice = Type.Object(
  {
    steps: Type.Array(AdviceStep),
    accepted: Type.Boolean(),
    otherwise: Type.Optional(Type.String({ description: 'why it would still be refused' })),
    change: Type.Optional(RequestChange),
  },
  { title: 'Advice' },
)
export type Advice = Static<typeof Advice>

/** Which check of DEC-1 decided; `null` where all were passed. A part of an upload has no code (DEC-41). */
export const Explanation = Type.Object(
  {
    accepted: Type.Boolean(),
    check: orNull(Type.String()),
    code: orNull(Type.Integer()),
    reason: orNull(Type.String()),
    checks: Type.Array(CheckView, { description: 'in their order' }),
    facts: Type.Array(Type.String(), { description: 'ids of the facts and decisions that the reason rests on' }),
    canonicalRequest: Type.Optional(Type.String()),
    stringToSign: Type.Optional(Type.String()),
    advice: Type.Optional(Type.Array(Advice)),
  },
  { title: 'Explanation' },
)
export type Explanation = Static<typeof Explanation>

/** As many remedies as advice takes one after the other. */
const mostCalls = 5

/** How an entry of the journal is sent once more. Its credential is the server's to put in: the journal has none. */
export const ReplayRequest = Type.Partial(
  Type.Object({
    ...RequestChange.properties,
    first: Type.Array(AdvisedCall, {
      maxItems: mostCalls,
      description: 'calls to make before it, as advice has them; where one is refused, nothing further is sent',
    }),
    date: Type.Union([Type.Literal('now'), Type.Literal('same')], {
      description: 'the X-Date; now unless told otherwise',
    }),
    lock: Type.Union([Type.Literal('same'), Type.Literal('current')], {
      description: 'the lock of its header; same unless told otherwise',
    }),
  }),
  { ...exact, title: 'ReplayRequest' },
)
export type ReplayRequest = Static<typeof ReplayRequest>
