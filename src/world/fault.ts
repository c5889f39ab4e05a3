import type { FaultPattern } from './fault-pattern.ts'

/** How often a fault that matches also fires; always where nothing is said. */
export type FaultTiming =
  | { readonly first: number }
  | { readonly every: number }
  | { readonly nth: number }
  | { readonly from: number }
  | { readonly probability: number }

/** When a client is asked to come again. */
export interface Retry {
  /** Seconds. */
  readonly retryAfter?: number
  readonly retryAfterForm?: 'seconds' | 'date'
}

/** A request that somebody else makes; names in braces stand for what the request in which the fault fires has there. */
export interface Intrusion {
  readonly method: string
  /** Below the base path of its operation. */
  readonly path: string
  /** In place of those of the request. */
  readonly headers?: { readonly 'x-user-id'?: string; readonly 'x-backup-lock-id'?: string }
  readonly body?: unknown
}

/** What happens to a request in which a fault fires. */
export type FaultEffect =
  | {
      readonly type: 'meanwhile'
      /** An ISO 8601 duration. */
      readonly advance?: string
      readonly expireToken?: true
      /** A merge patch (RFC 7396). */
      readonly again?: object
      readonly requests?: readonly Intrusion[]
    }
  | { readonly type: 'latency'; readonly ms?: number; readonly min?: number; readonly max?: number }
  | ({
      readonly type: 'refuse'
      readonly error?: string
      readonly status?: number
      readonly code?: number
      readonly msg?: string
    } & Retry)
  | ({ readonly type: 'throttle'; readonly perSecond?: number } & Retry)
  | { readonly type: 'gateway'; readonly code: string }
  | ({ readonly type: 'html'; readonly status?: number; readonly body?: string } & Retry)
  | { readonly type: 'redirect'; readonly status: number; readonly location: string }
  | { readonly type: 'reset'; readonly at?: number }
  | { readonly type: 'loseAnswer' }
  | { readonly type: 'truncate'; readonly bytes: number }
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  | {
      readonly type: 'failItems'
      readonly indexes?: readonly number[]
      readonly match?: unknown
      readonly errorCode: string
      readonly msg?: string
    }

export type EffectOf<Type extends FaultEffect['type']> = Extract<FaultEffect, { type: Type }>

export interface Fault extends FaultPattern {
  readonly id: string
  readonly when?: FaultTiming
  readonly effect: FaultEffect
  /** Requests that fitted the pattern, whichever fault fired in them. */
  matched: number
  /** Those of them in which this one fired. */
  hits: number
  /** Why a request of its own was refused the last time that one was. */
  refused?: string
  /** Whether it passes every request by for now. */
  paused: boolean
}

export type NewFault = Omit<Fault, 'id' | 'matched' | 'hits' | 'refused' | 'paused'>
