import type { ClockRequest, WorldRequest } from '../schemas/control.ts'
import type { FaultRequest } from '../schemas/control-faults.ts'
import type { FaultEffect } from '../src/world/fault.ts'
import type { AdversityClass } from './report-forms.ts'

export type PlannedFault = FaultRequest & { readonly effect: FaultEffect }

/** One thing that goes wrong in one run. */
export interface Adversity {
  /** A stable name: the call it befalls, and what it is. */
  readonly id: string
  /** The call it befalls; `null` where it befalls the whole run. */
  readonly operation: string | null
  /** What it is, without the call. */
  readonly what: string
  readonly kind: AdversityClass
  /** In words, for people. */
  readonly says: string
  /** Put into every world of the run. */
  readonly faults: readonly PlannedFault[]
  /** Facts and decisions that a verdict rests on, beside those of the operation. */
  readonly restsOn: readonly string[]
  readonly settings?: Pick<WorldRequest, 'unkind'>
  readonly clock?: ClockRequest
  /** True where tokens have to be known, so that one can expire. */
  readonly knownTokens?: true
  /** Put into a world once the first fault has fired, in that world. */
  readonly followedBy?: PlannedFault
  /** The fault ends once this operation is called, as fresh links end the expiry of old ones. */
  readonly endsAt?: string
  /** A run of its own with which the end is compared: there, this happens in place of the faults. */
  readonly reference?: readonly PlannedFault[]
  /** What somebody else takes away, so that it may be missing in the end. */
  readonly takes?: 'device' | 'record'
  /** Rules of the review that it breaks by itself. */
  readonly excuses?: readonly string[]
}
