import type { History } from './history.ts'
import type { Reviewed } from './reviewed.ts'

/** How a rule is told of. */
interface Citation {
  readonly rule: string
  readonly title: string
  readonly message: string
  /** Ids of the facts and decisions that it rests on. */
  readonly facts: readonly string[]
}

/** What a reviewer of the client looks for: a name, a sentence, and the groups of exchanges that show it. */
export interface ReviewRule extends Citation {
  /** That something never came; which nobody can say of a state that was undone. */
  readonly isOfAbsence?: true
  /** Each answer is one finding: the exchanges that show it, oldest first. */
  readonly find: (history: History) => readonly (readonly Reviewed[])[]
}

export interface Finding extends Citation {
  /** Ids of the journal. */
  readonly requests: readonly number[]
}

export interface Review {
  readonly findings: Finding[]
  /** Whether every exchange since the journal was begun or emptied was there to be judged. */
  readonly complete: boolean
  /** How many were not. */
  readonly dropped: number
}
