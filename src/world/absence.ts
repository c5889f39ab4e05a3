/** Why a world is not there and is not made, as one sentence for people. */
export interface Absence {
  /** There are too many, it was not declared, or it cannot be told which of several it is. */
  readonly kind: 'full' | 'undeclared' | 'unclear'
  readonly reason: string
}

export const full = (limit: number): Absence => ({
  kind: 'full',
  reason: `there are ${limit} worlds already; delete some, or start with a larger --max-worlds`,
})

/** The group of a world is its name up to the first dot. */
export const groupOf = (name: string): string => name.replace(/\..*$/s, '')

export const fullGroup = (name: string, limit: number): Absence => ({
  kind: 'full',
  reason: `the group ${groupOf(name)} has ${limit} worlds already; delete some, or start with a larger --worlds-per-group`,
})

export const undeclared = (name: string): Absence => ({
  kind: 'undeclared',
  reason: `there is no world ${name} here; PUT it, or it was lost`,
})

export const unclear = (reason: string): Absence => ({ kind: 'unclear', reason })
