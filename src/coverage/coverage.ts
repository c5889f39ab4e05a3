import type { CoverageView, GoalKind } from '../../schemas/coverage.ts'
import type { Goal } from './goals.ts'
import { goalOf } from './goals.ts'
import type { Seen } from './met.ts'
import { metBy } from './met.ts'

/** Counts as plain data. */
export interface CoverageState {
  readonly requests: number
  readonly calls: readonly (readonly [operation: string, count: number])[]
  readonly met: readonly (readonly [operation: string, kind: GoalKind, what: string, count: number])[]
}

const add = <Key>(counts: Map<Key, number>, key: Key, more: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + more)
}

/** How often what of the contract was met. It counts every exchange, and forgets none as a journal does. */
export class Coverage {
  readonly #met = new Map<Goal, number>()
  readonly #calls = new Map<string, number>()
  #requests = 0
  #heir: Coverage | undefined

  /** All exchanges, also those that were for no operation. */
  get requests(): number {
    return this.#requests
  }

  /** Those of an operation. */
  callsOf(operation: string): number {
    return this.#calls.get(operation) ?? 0
  }

  met(goal: Goal): number {
    return this.#met.get(goal) ?? 0
  }

  note(seen: Seen): void {
    const { operation } = seen
    const own = this.#heir ?? this
    own.#requests += 1
    if (operation !== null) add(own.#calls, operation, 1)
    for (const goal of metBy(seen)) add(own.#met, goal, 1)
  }

  /** One that was refused before it was a request. */
  noteUnreadable(): void {
    const own = this.#heir ?? this
    own.#requests += 1
  }

  /** Adds what another one counted. */
  include(other: Coverage): this {
    this.#requests += other.#requests
    for (const [operation, calls] of other.#calls) add(this.#calls, operation, calls)
    for (const [goal, met] of other.#met) add(this.#met, goal, met)
    return this
  }

  /** The same of one that was written down; what is no goal any more is left out. */
  includeView({ requests, operations }: CoverageView): this {
    this.#requests += requests
    for (const { operation, requests: calls, goals } of operations) {
      add(this.#calls, operation, calls)
      for (const { kind, what, met } of goals) {
        const goal = goalOf(operation, kind, what)
        if (goal) add(this.#met, goal, met)
      }
    }
    return this
  }

  /** All counts, of what was met and no more. */
  state(): CoverageState {
    const met = [...this.#met].map(([{ operation, kind, what }, count]) => [operation, kind, what, count] as const)
    return { requests: this.#requests, calls: [...this.#calls], met }
  }

  /** Adds what another one of its kind came to; what is no goal any more is left out. */
  includeState({ requests, calls, met }: CoverageState): this {
    this.#requests += requests
    for (const [operation, count] of calls) add(this.#calls, operation, count)
    for (const [operation, kind, what, count] of met) {
      const goal = goalOf(operation, kind, what)
      if (goal) add(this.#met, goal, count)
    }
    return this
  }

  clear(): void {
    this.#requests = 0
    this.#calls.clear()
    this.#met.clear()
  }

  /** Leaves all that it counted, and whatever it is still told, to another one. */
  leaveTo(heir: Coverage): void {
    heir.include(this)
    this.clear()
    this.#heir = heir
  }
}
