import type { Snapshot, World } from '../world/world.ts'
import { Problem } from './problem.ts'

/** What stands for the state of a world as it is, where a snapshot could be named. */
export const present = 'now'

/** @throws Problem 400 for a label that stands for something else where states are compared */
export function requireLabel(label: string): void {
  if (label !== present) return
  throw new Problem(
    400,
    `path/label is ${present}, which stands for the world as it is; give it another, such as before`,
  )
}

/** The snapshot of this label. @throws Problem 404 */
export function snapshotOf({ name, snapshots }: World, label: string): Snapshot {
  const snapshot = snapshots.get(label)
  if (snapshot) return snapshot
  throw new Problem(404, `the world ${name} has no snapshot ${label}`)
}
