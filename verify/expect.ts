import type { Static, TObject, TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { shownValue } from '../cli/visible.ts'
import type { Contracts, OperationId } from '../schemas/index.ts'
import { contracts } from '../schemas/index.ts'
import type { PayloadOf } from '../schemas/operation.ts'
import { answerOf } from '../schemas/operation.ts'
import type { ErrorKey } from '../src/errors.ts'
import { catalogue } from '../src/errors.ts'
import { Departure } from './failures.ts'
import type { Answer } from './target.ts'

/** COM-12. */
const Refused = Type.Object({ code: Type.Integer(), msg: Type.String() })

/** COM-17. */
const RefusedByGateway = Type.Object({ error_code: Type.String(), error_msg: Type.String() })

/** A refusal in a documented form, whatever its status says, unless it says that the server failed. */
export const isRefused = ({ status, json }: Answer): boolean =>
  status < 500 && ((Value.Check(Refused, json) && json.code !== 0) || Value.Check(RefusedByGateway, json))

/** @throws Departure unless a sentence holds */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Departure(otherwise)
}

const shown = (answer: Answer): string => `HTTP ${answer.status} ${answer.text.slice(0, 300)}`

/** What is wrong with a value, by a schema; `undefined` where nothing is. */
export function defectOf(schema: TSchema, value: unknown): string | undefined {
  const first = Value.Errors(schema, value).First()
  return first && `${first.path || 'the answer'}: ${first.message}, not ${shownValue(first.value)}`
}

/** @throws Departure unless the value is what the schema says */
export function expectForm<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> {
  const defect = defectOf(schema, value)
  expect(defect === undefined, `wrong form: ${defect}`)
  return value as Static<Schema> // just checked
}

/**
 * The payload of a success as the operation's contract has it (COM-8).
 *
 * @throws Departure for a refusal, and for any other form
 */
export function succeeded<Id extends OperationId>(operation: Id, answer: Answer): PayloadOf<Contracts[Id]> {
  expect(answer.status === 200, `${operation} was to succeed, but answered ${shown(answer)}`)
  return expectForm(answerOf(contracts[operation]), answer.json) as PayloadOf<Contracts[Id]> // the form of this very contract
}

/** Whether two objects agree in what a form knows: of what else stands in an answer, nothing is documented (DEC-8). */
export const areSame = (form: TObject, one: unknown, other: unknown): boolean =>
  Object.keys(form.properties).every((name) => Object(one)[name] === Object(other)[name])

/** Whether two lists hold the same, each as often, in whatever order: hardly any is documented. */
export function haveSameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  const sorted = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort()
  return sorted(one).join() === sorted(other).join()
}

/** A success, whatever it brings (COM-8). */
export const isDone = ({ status, json }: Answer): boolean => status === 200 && Object(json).code === 0

/** @throws Departure unless the target did what was asked, whatever it answers beside the code of success */
export function accepted(answer: Answer, what: string): void {
  expect(isDone(answer), `${what} was to be accepted, but was answered ${shown(answer)}`)
}

/** @throws Departure unless the target refused, with whatever code: none is documented for most cases */
export function refused(answer: Answer, what: string): void {
  expect(isRefused(answer), `${what} was to be refused, but was answered ${shown(answer)}`)
}

/** @throws Departure unless the target refused just as the catalogue has it; 200 in place of 400 is DEC-11's to judge */
export function refusedAs(key: ErrorKey, answer: Answer, what: string): void {
  refused(answer, what)
  const { status, code, msg } = catalogue[key]
  const { code: given, msg: said } = Object(answer.json)
  const isStatus = answer.status === status || (answer.status === 200 && status === 400)
  const isSame = isStatus && given === code && said === msg
  expect(isSame, `${what} was to be refused with ${status} ${code} "${msg}", but answered ${shown(answer)}`)
}
