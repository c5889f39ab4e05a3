import type { Facts } from '../journal/facts.ts'

/** One exchange as the review sees it; instants and spans in milliseconds. */
export interface Reviewed {
  /** Of the journal: exchanges are numbered in the order in which they were over. */
  readonly id: number
  /** The newest exchange that was over when this one began. */
  readonly begunAfter: number
  /** `uploadPart` for the part of an upload; `null` where no route matched. */
  readonly operation: string | null
  readonly userId: string | null
  /** One number for each connection; `null` where that is not known. */
  readonly connection: number | null
  readonly isFirstOnConnection: boolean
  /** By the wall clock. */
  readonly startedAt: number
  readonly endedAt: number
  /** By the state clock. */
  readonly time: number
  readonly endTime: number
  /** What the clock showed that judges `X-Date`. */
  readonly signingTime: number
  /** As it was sent. */
  readonly xDate: string | null
  readonly status: number | null
  readonly code: number | null
  /** The key of the catalogue, where it was refused. */
  readonly refusal: string | null
  readonly reason: string | null
  /** Whether the answer reached the client whole: false where it was lost, cut off, or the client had gone. */
  readonly delivered: boolean
  /** How long the answer asks to wait, from its end. */
  readonly retryAfter: number | null
  readonly fault: string | null
  /** Whether the answer is the fault's. */
  readonly isInjected: boolean
  /** In bytes, as far as it arrived. */
  readonly requestSize: number
  readonly rowsWritten: number
  readonly lockId: string | null
  /** Path and query. */
  readonly target: string
  readonly facts: Facts
}

/** What is reviewed: a journal, or what is left of one. */
export interface Reviewable {
  /** In the order of their ids. */
  readonly exchanges: readonly Reviewed[]
  /** How many are no longer kept. */
  readonly dropped: number
  /** The newest exchange at each time when the world was put back to another state. */
  readonly restorations: readonly number[]
}
