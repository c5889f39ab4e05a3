import type { Entry } from '../intercept/entry.ts'
import { backupRules } from './backup-rules.ts'
import { callRules } from './call-rules.ts'

/** What a reviewer of the client looks for: a name, a sentence, and the groups of entries that show it. */
export interface ReviewRule {
  readonly rule: string
  readonly message: string
  /** Each answer is one finding: the entries that show it, oldest first. */
  readonly find: (entries: readonly Entry[]) => readonly (readonly Entry[])[]
}

export interface Finding {
  readonly rule: string
  readonly message: string
  /** Ids of the journal. */
  readonly requests: readonly number[]
}

/** What a reviewer of the client would say to what it did. */
export const review = (entries: readonly Entry[]): Finding[] =>
  [...backupRules, ...callRules].flatMap(({ rule, message, find }) =>
    find(entries).map((shown) => ({ rule, message, requests: shown.map(({ id }) => id) })),
  )
