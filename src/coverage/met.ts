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
  /** Of a success, what the answer said beside `code` and `msg`. */
  readonly payload: object | null
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

/** Told of something that was met; what is no goal of the operation does not count. */
type Meet = (kind: GoalKind, what: string) => void

/** Everything that an exchange met; nothing where it was for no operation. */
export function metBy(seen: Seen): Goal[] {
  const of = sought.get(String(seen.operation))
  if (of === undefined) return []
  const goals: Goal[] = []
  const meet: Meet = (kind, what) => {
    const goal = goalOf(of.contract.id, kind, what)
    if (goal) goals.push(goal)
  }
  meetTold(seen, of, meet)
  meetSent(seen, of, meet)
  return goals
}

/** Effects of faults that act in place of the emulator. */
const inPlace: ReadonlySet<string> = new Set(['refuse', 'throttle', 'gateway', 'html', 'redirect', 'reset'])

function meetTold(seen: Seen, of: Sought, meet: Meet): void {
  if (seen.code !== 0) meetRefusal(seen, of, meet)
  else if (seen.isDelivered) {
    meet('operations', 'succeeded')
    meetAnswer(seen, of, meet)
  } else meet('mishaps', 'answerLost')
}

function meetRefusal({ refusal, status, isDelivered, effect }: Seen, { contract }: Sought, meet: Meet): void {
  const isInjected = effect !== null && inPlace.has(effect)
  if (refusal === 'throttled' || (isInjected && status === 429)) meet('mishaps', 'throttled')
  else if (refusal && goalOf(contract.id, 'refusals', refusal)) {
    if (isDelivered) meet('refusals', refusal)
  } else if (isInjected) meet('mishaps', 'failedBefore')
}

function meetAnswer(seen: Seen, { list, contract }: Sought, meet: Meet): void {
  const said = Object(seen.payload)
  if (list) meetItems(said, list, contract, seen, meet)
  if (typeof said.nextCursor === 'string') meet('answers', 'moreBehind')
  if (seen.query.some(([name, value]) => name === 'cursor' && value !== '')) meet('answers', 'secondPage')
}

type Batch = Readonly<Record<string, readonly { readonly errorCode?: string }[] | undefined>>

function meetItems(said: Batch, list: string, { itemRefusals = [] }: Operation, { errors }: Seen, meet: Meet): void {
  const { failedScopeList: failed = [], [list]: done = [] } = said
  if (failed.length === 0) return
  const codes = new Set(failed.map(({ errorCode }) => errorCode))
  for (const key of itemRefusals) if (codes.has(String(errors[key]?.code))) meet('items', key)
  if (done.length > 0) meet('answers', 'partlyFailed')
}

function meetSent({ query, body }: Seen, { parameters, fields }: Sought, meet: Meet): void {
  for (const [name] of query) if (parameters.includes(name)) meet('fields', `query/${name}`)
  for (const { place, names } of fields) if (isThere(body, names)) meet('fields', place)
}

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
