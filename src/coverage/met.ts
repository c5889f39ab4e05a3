import type { GoalKind } from '../../schemas/coverage.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { batchListOf } from '../../schemas/operation.ts'
import type { Goal, OptionalField } from './goals.ts'
import { goalOf, optionalFields, optionalParameters } from './goals.ts'

/** A finished exchange, as far as coverage counts of it. */
export interface Seen {
  /** `null` where no route matched. */
  readonly operation: string | null
  /** What the client was to be told: `status` is `null` where nothing was. */
  readonly status: number | null
  readonly code: number | null
  readonly refusal: string | null
  readonly answer: string
  /** Whether it was told: false where the answer was lost, cut off, or the client had gone. */
  readonly isDelivered: boolean
  /** What the fault did that fired, or that acted beside the answer. */
  readonly effect: string | null
  /** Of the query, decoded. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** As the API parsed it. */
  readonly body: unknown
  /** The catalogue of its world. */
  readonly errors: Readonly<Record<string, { readonly code: number }>>
}

/** What is looked for in a request, found once. */
interface Sought {
  readonly contract: Operation
  readonly list: string | undefined
  readonly parameters: readonly string[]
  readonly fields: readonly OptionalField[]
}

const sought: ReadonlyMap<string, Sought> = new Map(
  Object.entries(contracts).map(([id, contract]: [string, Operation]) => [
    id,
    {
      contract,
      list: batchListOf(contract),
      parameters: optionalParameters(contract),
      fields: optionalFields(contract.body),
    },
  ]),
)

/** Everything that an exchange met; nothing where it was for no operation. */
export function metBy(seen: Seen): Goal[] {
  const of = sought.get(String(seen.operation))
  if (of === undefined) return []
  const goals: Goal[] = []
  for (const [kind, what] of told(seen, of).concat(sent(seen, of))) {
    const goal = goalOf(of.contract.id, kind, what)
    if (goal) goals.push(goal)
  }
  return goals
}

/** Effects of faults that act in place of the emulator. */
const inPlace: ReadonlySet<string> = new Set(['refuse', 'throttle', 'gateway', 'html', 'redirect', 'reset'])

type Met = readonly [kind: GoalKind, what: string]

function told(seen: Seen, of: Sought): Met[] {
  const { code, refusal, status, isDelivered, effect } = seen
  const isInjected = inPlace.has(String(effect))
  if (code === 0)
    return isDelivered ? [['operations', 'succeeded'], ...answered(seen, of)] : [['mishaps', 'answerLost']]
  if (refusal === 'throttled' || (isInjected && status === 429)) return [['mishaps', 'throttled']]
  if (refusal && goalOf(of.contract.id, 'refusals', refusal)) return isDelivered ? [['refusals', refusal]] : []
  return isInjected ? [['mishaps', 'failedBefore']] : []
}

function answered({ answer, query, errors }: Seen, { list, contract }: Sought): Met[] {
  return [
    ...(list ? itemsOf(answer, list, contract, errors) : []),
    // Within a text of JSON there is no quote that stands so.
    ...(answer.includes('"nextCursor":"') ? [['answers', 'moreBehind'] as const] : []),
    ...(query.some(([name, value]) => name === 'cursor' && value !== '') ? [['answers', 'secondPage'] as const] : []),
  ]
}

const noneFailed = '"failedScopeList":[]'

function itemsOf(answer: string, list: string, { itemRefusals = [] }: Operation, errors: Seen['errors']): Met[] {
  if (answer.includes(noneFailed)) return []
  const { failedScopeList: failed, [list]: done } = JSON.parse(answer)
  const codes = new Set(failed.map(({ errorCode }: { readonly errorCode: string }) => errorCode))
  const keys = itemRefusals.filter((key) => codes.has(String(errors[key]?.code)))
  return [
    ...keys.map((key) => ['items', key] as const),
    ...(done.length > 0 ? [['answers', 'partlyFailed'] as const] : []),
  ]
}

const sent = ({ query, body }: Seen, { parameters, fields }: Sought): Met[] => [
  ...query.filter(([name]) => parameters.includes(name)).map(([name]) => ['fields', `query/${name}`] as const),
  ...fields.filter(({ names }) => isThere(body, names)).map(({ place }) => ['fields', place] as const),
]

/**
 * What is `null` is taken as absent (DEC-8). Goes only where a contract leads: of what is sent, anything may be nested as deep
 * as it likes.
 */
function isThere(value: unknown, [name = '', ...below]: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return false
  const part: unknown = Object(value)[name]
  if (below.length === 0) return part !== null
  return Array.isArray(part) ? part.some((item) => isThere(item, below)) : isThere(part, below)
}
