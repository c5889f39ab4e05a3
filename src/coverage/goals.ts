import type { TSchema } from '@sinclair/typebox'
import type { GoalKind } from '../../schemas/coverage.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { batchListOf, isPaged, refusedByRule } from '../../schemas/operation.ts'

/** Something of an operation that a client's tests may meet. */
export interface Goal {
  readonly operation: string
  readonly kind: GoalKind
  /** A key of the catalogue, the place of a field, or one of the words below. */
  readonly what: string
}

/** An optional field: where it stands, and by which names it is found in a body, a list standing for its items. */
export interface OptionalField {
  readonly place: string
  readonly names: readonly string[]
}

const entriesOf = (schema: TSchema | undefined): [string, TSchema][] => Object.entries(schema?.['properties'] ?? {})

const isOptional = (schema: TSchema | undefined, name: string): boolean => ![schema?.['required']].flat().includes(name)

/** Those of a body, at any depth. */
export function optionalFields(schema: TSchema | undefined, above: readonly string[] = []): OptionalField[] {
  return entriesOf(schema).flatMap(([name, part]) => {
    const names = [...above, name]
    const own = isOptional(schema, name) ? [{ place: `body/${names.join('/')}`, names }] : []
    return [...own, ...optionalFields(part['items'] ?? part, names)]
  })
}

/** Parameters of a query that may be left out; a cursor is a page of its own. */
export const optionalParameters = ({ query }: Operation): string[] =>
  entriesOf(query).flatMap(([name]) => (isOptional(query, name) && name !== 'cursor' ? [name] : []))

function whatsOf(contract: Operation): Readonly<Record<GoalKind, readonly string[]>> {
  const { method, itemRefusals = [] } = contract
  return {
    operations: ['succeeded'],
    refusals: refusedByRule(contract),
    items: itemRefusals,
    answers: [
      ...(batchListOf(contract) ? ['partlyFailed'] : []),
      ...(isPaged(contract) ? ['moreBehind', 'secondPage'] : []),
    ],
    // Of what only reads, nothing is lost with the answer.
    mishaps: [...(method === 'GET' ? [] : ['answerLost']), 'throttled', 'failedBefore'],
    fields: [
      ...optionalParameters(contract).map((name) => `query/${name}`),
      ...optionalFields(contract.body).map(({ place }) => place),
    ],
  }
}

const goalsOf = (contract: Operation): Goal[] =>
  Object.entries(whatsOf(contract)).flatMap(
    ([kind, whats]) => whats.map((what) => ({ operation: contract.id, kind: kind as GoalKind, what })), // keys of a record of them
  )

/** Everything that can be met, by operation. What any request can be refused for is not among it. */
export const goals: ReadonlyMap<string, readonly Goal[]> = new Map(
  Object.entries(contracts).map(([id, contract]) => [id, goalsOf(contract)]),
)

const known = new Map([...goals].map(([operation, all]) => [operation, byKind(all)]))

function byKind(all: readonly Goal[]): ReadonlyMap<GoalKind, ReadonlyMap<string, Goal>> {
  const kinds = Map.groupBy(all, ({ kind }) => kind)
  return new Map([...kinds].map(([kind, ofKind]) => [kind, new Map(ofKind.map((goal) => [goal.what, goal]))]))
}

/** The goal itself, of which there is one of each; `undefined` where that is none. */
export const goalOf = (operation: string, kind: GoalKind, what: string): Goal | undefined =>
  known.get(operation)?.get(kind)?.get(what)
