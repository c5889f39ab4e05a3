import type { Static, TObject, TSchema } from '@sinclair/typebox'
import { WorldParams } from './control.ts'

/** What one status of an answer means. */
export interface ControlAnswer {
  readonly description: string
  /** Of its body, which is JSON where nothing else is said; absent where there is none. */
  readonly schema?: TSchema
  readonly mediaType?: string
}

/** One operation of the control plane: what it takes and what it gives. Routes and the in-process handle are made from it. */
export interface ControlOperation {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `controlPath`, parameters in braces. */
  readonly path: string
  readonly summary: string
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  /** The media type of a body that is not JSON, and of which the schema says no more. */
  readonly takes?: string
  /** By status; the first is the usual one. Mistakes are answered as `ProblemBody`. */
  readonly responses: Readonly<Record<number, ControlAnswer>>
  /** Whether its answer has an ETag by which it need not be sent again. */
  readonly isTagged?: true
}

export const controlOperation = <const Contract extends ControlOperation>(contract: Contract): Contract => contract

type Parts = Pick<ControlOperation, 'params' | 'query' | 'body' | 'takes' | 'responses' | 'isTagged'>

/** What is done with one world, at an address below its own. */
export const ofWorld = <const Rest extends Parts>(
  method: ControlOperation['method'],
  path: string,
  summary: string,
  rest: Rest,
) => controlOperation({ params: WorldParams, ...rest, method, path: `/worlds/{name}${path}`, summary })

export const done = { 204: { description: 'Done.' } } as const
export const answers = <Schema extends TSchema>(schema: Schema, description: string) =>
  ({ 200: { description, schema } }) as const
export const makes = <Schema extends TSchema>(schema: Schema, description: string) =>
  ({ 201: { description, schema } }) as const

type StaticOf<Part> = Part extends TSchema ? Static<Part> : undefined

/** A request whose parts were checked. */
export interface ControlRequest<Contract extends ControlOperation> {
  readonly params: StaticOf<Contract['params']>
  readonly query: StaticOf<Contract['query']>
  readonly body: StaticOf<Contract['body']>
}
