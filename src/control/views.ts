import type { ClockView, WorldView } from '../../schemas/control.ts'
import { worldUrl } from '../http/world-name.ts'
import { isoInstant } from '../store/snowflake.ts'
import { formatDuration } from '../world/duration.ts'
import type { Snapshot, World } from '../world/world.ts'

export function worldView({ name, settings, seed, usage }: World, base: string): WorldView {
  const { scopesPerModule, auth, devices, errorStatus, worker, random, unkind } = settings
  const limit = Number.isFinite(scopesPerModule) ? scopesPerModule : null
  return {
    name,
    url: worldUrl(base, name),
    settings: { auth, devices, errorStatus, scopesPerModule: limit, worker, random, unkind, seed: seed.choice },
    createdAt: isoInstant(usage.createdAt),
    lastUsedAt: isoInstant(usage.lastUsedAt),
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

export const snapshotView = (label: string, { image, instant, takenAt }: Snapshot) => ({
  label,
  takenAt: isoInstant(takenAt),
  now: isoInstant(instant),
  bytes: image.length,
})
