import type { Change } from '../../schemas/change.ts'
import { api } from '../api.ts'
import { useAnswer } from '../parts/answer.ts'
import { place } from '../place.ts'
import { snapshots, stored } from '../session.ts'

interface Difference {
  readonly changes: readonly Change[] | undefined
  readonly error: Error | undefined
}

/** What became of a state to be another, as both are now: a snapshot may have been taken again. @param from empty for none */
export function useDifference(from: string, to: string): Difference {
  const { world } = place.value
  const question = from && `${from} ${to}`
  const { answer, error } = useAnswer(question, [stored.value, snapshots.value], () =>
    from ? api.diff(world, from, to) : undefined,
  )
  return { changes: answer?.changes, error }
}
