import type { ClockView, WorldCounts, WorldView } from '../../schemas/control.ts'
import { worldUrl } from '../http/world-name.ts'
import { outcomeIn } from '../journal/outcome.ts'
import { isoInstant } from '../store/snowflake.ts'
import { formatDuration } from '../world/duration.ts'
import type { Snapshot, World } from '../world/world.ts'
import { writtenSettings } from '../world/world-settings.ts'
import { reviewOf } from './journal.ts'

export function worldView(
  { name, settings, seed, createdAt, lastUsedAt, journal, store }: World,
  base: string,
): WorldView {
  const { auth, devices, errorStatus, completion, scopesPerModule, worker, random, unkind, changes } =
    writtenSettings(settings)
  const own = { auth, devices, errorStatus, completion, scopesPerModule, worker, random, changes }
  return {
    name,
    url: worldUrl(base, name),
    settings: { ...own, unkind: unkind && { ...unkind }, seed: seed.choice },
    createdAt: isoInstant(createdAt),
    lastUsedAt: isoInstant(lastUsedAt),
    generation: journal.generation,
    database: store.isFile ? 'file' : 'memory',
  }
}

/** How much there is in a world. */
export function countsOf(world: World): WorldCounts {
  const { journal, faults, snapshots, store, clock } = world
  const refused = journal.entries.filter((entry) => outcomeIn(entry) === 'refused').length
  const inStore = store.dump.counts(clock.stateNow())
  return {
    requests: journal.entries.length,
    refused,
    dropped: journal.dropped,
    findings: reviewOf(world).findings.length,
    faults: faults.list().length,
    snapshots: snapshots.size,
    ...inStore,
  }
}

export function clockView({ clock }: World): ClockView {
  const { frozenAt, signing, skew } = clock.state()
  return {
    now: isoInstant(clock.stateNow()),
    frozen: frozenAt !== null,
    signingNow: isoInstant(clock.signingNow()),
    signing,
    skew: formatDuration(skew),
  }
}

export const snapshotViews = ({ snapshots }: World) =>
  [...snapshots].map(([label, snapshot]) => snapshotView(label, snapshot))

export const snapshotView = (label: string, { image, instant, takenAt }: Snapshot) => ({
  label,
  takenAt: isoInstant(takenAt),
  now: isoInstant(instant),
  bytes: image.length,
})
