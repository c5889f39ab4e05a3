import type { Static, TObject } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { basePath } from './common.ts'
import type { Standing } from './statement.ts'
import type { StatementId } from './statements.ts'

/** One operation of the backup API: what it takes and what it gives. Everything about the wire is derived from it. */
export interface Operation {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** What its path stands below, where that is not the base path of the family (COM-1). */
  readonly base?: string
  /** Below the base path, parameters in braces: `/device/{deviceId}/scope`. */
  readonly path: string
  readonly summary: string
  readonly standing: Standing
  /** Ids of the facts and decisions that the operation rests on. */
  readonly facts: readonly StatementId[]
  /** Headers of this operation alone, beside those that every operation takes. */
  readonly headers?: TObject
  /** True where a live lock of the module must be held, and its id sent as `x-backup-lock-id` (COM-6, DEC-26). */
  readonly lock?: true
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TObject
  /** What stands in the envelope before `code` and `msg`. */
  readonly payload: TObject
  /** The `msg` of its success, where that is not `success` (UPL-6). */
  readonly successMsg?: string
  /** Keys of the catalogue: what the rule refuses, beside what headers, lock and the contract's own checks do. */
  readonly refusals?: readonly string[]
  /** Likewise what a single item of a batch fails for, inside an answer of success (DEC-19, DEC-20). */
  readonly itemRefusals?: readonly string[]
}

/** What a part of a request looks like once it was checked; an operation that takes no such part gets none. */
export type PartOf<
  Contract extends Operation,
  Part extends 'params' | 'query' | 'body',
> = Contract[Part] extends TObject ? Static<Contract[Part]> : undefined

export type PayloadOf<Contract extends Operation> = Static<Contract['payload']>

/** Keeps the literal types of a contract while holding it to the form of one. */
export const operation = <const Contract extends Operation>(contract: Contract): Contract => contract

/** The `msg` of a successful call (COM-8, UPL-6). */
export const successMsgOf = ({ successMsg = 'success' }: Operation): string => successMsg

/** Its path from the root on. */
export const pathOf = ({ base = basePath, path }: Pick<Operation, 'base' | 'path'>): string => base + path

/** Keys of the catalogue: what the rule of an operation refuses, and for want of the lock that it asks for (DEC-26). */
export const refusedByRule = ({ lock, refusals = [] }: Operation): readonly string[] => [
  ...(lock ? ['lockNotHeld'] : []),
  ...refusals,
]

/** The whole answer of a successful call: the payload, then `code` and `msg` (COM-8). */
export const answerOf = (contract: Operation): TObject =>
  Type.Composite([contract.payload, Type.Object({ code: Type.Literal(0), msg: Type.Literal(successMsgOf(contract)) })])

/** The whole answer of a refused call (COM-12). */
export const RefusalBody = Type.Object({ code: Type.Integer(), msg: Type.String() }, { title: 'Refusal' })

/** Marks a list whose items are judged one by one: a bad item fails alone, only a misshapen one refuses the request (DEC-19). */
export const itemsFailAlone = { 'x-items-fail-alone': true } as const

/** Whether it answers in pages. */
export const isPaged = ({ query }: Operation): boolean => query?.properties['pageSize'] !== undefined

/** The list of a batch, which has one name in request and answer and whose items fail alone (DEC-19); `undefined` of others. */
export const batchListOf = ({ itemRefusals, body, payload }: Operation): string | undefined =>
  itemRefusals && body && Object.keys(body.properties).find((name) => name in payload.properties)
