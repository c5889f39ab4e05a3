import type { WrittenRequest } from '../http/written-request.ts'
import type { World } from '../world/world.ts'

/** Something that may help a refused request: another value in it, a call to be made first, or to wait. */
export type Remedy =
  | { readonly kind: 'set'; readonly at: string; readonly to: unknown }
  | {
      readonly kind: 'call'
      readonly method: string
      /** Below the base path of the API or, where it begins with `!`, below that of the emulator. */
      readonly path: string
      readonly body?: unknown
      /** The lock that it shows. */
      readonly lockId?: string
      /** What belongs where in the request then: a value of its answer, by what it is called before there is one, or the name itself. */
      readonly gives?: { readonly at: string; readonly name: string; readonly from?: string }
    }
  | { readonly kind: 'wait'; readonly until: number }

/** A request that is refused, and where. */
export interface RefusedRequest {
  readonly world: World
  readonly request: WrittenRequest
  readonly operation: string | null
  /** The key of the catalogue. */
  readonly refusal: string | null
  readonly check: string | null
  readonly reason: string
  /** What the clocks of the world show, in Unix milliseconds. */
  readonly now: number
  readonly signingNow: number
}

export const set = (at: string, ...values: readonly unknown[]): Remedy[] =>
  values.map((to) => ({ kind: 'set', at, to }))
