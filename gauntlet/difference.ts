import type { Entity } from './entities.ts'
import { formOf } from './entities.ts'

/** What one state has and another has not, as multisets, so that twice is not once. */
export interface Difference {
  readonly missing: readonly Entity[]
  readonly instead: readonly Entity[]
}

export function differenceOf(expected: readonly Entity[], found: readonly Entity[]): Difference {
  const left = new Map<string, Entity[]>()
  for (const entity of expected) left.set(formOf(entity), [...(left.get(formOf(entity)) ?? []), entity])
  const instead = found.filter((entity) => left.get(formOf(entity))?.pop() === undefined)
  return { missing: [...left.values()].flat(), instead }
}

export const sizeOf = ({ missing, instead }: Difference): number => missing.length + instead.length
