import type { Snapshot, World } from '../world/world.ts'
import { Problem } from './problem.ts'

/** The snapshot of this label. @throws Problem 404 */
export function snapshotOf({ name, snapshots }: World, label: string): Snapshot {
  const snapshot = snapshots.get(label)
  if (snapshot) return snapshot
  throw new Problem(404, `the world ${name} has no snapshot ${label}`)
}
