import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { CoverageView } from '../schemas/coverage.ts'
import type { VerdictName } from './verdict.ts'

/** Failures that a team knows of: which, and why they may stay. */
export const Accepted = Type.Array(
  Type.Object(
    { id: Type.String({ minLength: 1 }), verdict: Type.String(), because: Type.String() },
    { additionalProperties: false },
  ),
)
export type Accepted = Static<typeof Accepted>

/**
 * What may be asked of a client: whether it may give up where this befalls it. It may after one hiccup of the network
 * (`transient`, not with `--strict`), it must where an operation fails for good (`outage`), it may where somebody else was
 * quicker (`world`), and it may not where all answers are legal (`legal`).
 */
export type AdversityClass = 'transient' | 'outage' | 'world' | 'legal'

/** What a gauntlet would try, as `--list --json` writes it. */
export interface GauntletList {
  readonly version: string
  readonly adversities: readonly Pick<TrialReport, 'id' | 'class' | 'operation' | 'what' | 'says'>[]
}

/** What a gauntlet found, as `--json` writes it. */
export interface GauntletReport {
  readonly version: string
  readonly command: readonly string[]
  readonly startedAt: string
  readonly durationMillis: number
  readonly kind: {
    readonly calls: number
    readonly millis: number
    /** What is not compared, because it differs where nothing goes wrong. */
    readonly masks: readonly string[]
    /** How often each operation was called. */
    readonly operations: Readonly<Record<string, number>>
  }
  /** How many were planned; fewer were tried where it was interrupted, or ended with the first failure. */
  readonly planned: number
  readonly isComplete: boolean
  readonly trials: readonly TrialReport[]
  readonly groups: readonly GroupReport[]
  /** Accepted failures that did not happen any more. */
  readonly gone: Accepted
  /** Of all runs together. */
  readonly coverage: CoverageView
  /** Requests that no review saw, because there were too many. */
  readonly dropped: number
}

export interface TrialReport {
  readonly id: string
  readonly class: AdversityClass
  readonly operation: string | null
  readonly what: string
  readonly says: string
  readonly verdict: VerdictName
  readonly isAccepted: boolean
  /** What it was when it was tried first, where it went otherwise the second time. */
  readonly before: VerdictName | null
  readonly why: readonly string[]
  readonly status: number
  readonly millis: number
  readonly calls: number
  /** How often it came up. */
  readonly met: number
  readonly remarks: readonly { readonly rule: string; readonly text: string; readonly requests: readonly number[] }[]
  readonly difference: { readonly missing: readonly string[]; readonly instead: readonly string[] } | null
  /** Files of the worlds as it left them, where it went wrong and with `--archive`. */
  readonly archives: readonly string[]
  /** The end of what the client said, where it went wrong. */
  readonly output: string
}

export interface GroupReport {
  readonly verdict: VerdictName
  readonly isAccepted: boolean
  /** The adversities that show it, the shortest first. */
  readonly ids: readonly string[]
  /** What happened, and what is wrong. */
  readonly says: string
  readonly why: readonly string[]
  /** The calls around it. */
  readonly calls: readonly string[]
  readonly lastLines: readonly string[]
  /** Files of the worlds as the shortest left them. */
  readonly archives: readonly string[]
  /** The lines of a regression test. */
  readonly regression: readonly string[]
  /** What of the contract the verdict rests on. */
  readonly restsOn: { readonly documented: readonly string[]; readonly assumed: readonly string[] }
}
