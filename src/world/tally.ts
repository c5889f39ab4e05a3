const beginnings = { used: 0, declared: 0, forked: 0, adopted: 0, unparked: 0 }
const ends = { deleted: 0, idle: 0, parked: 0, expired: 0, replaced: 0 }

/** How worlds came to be: by a request, by being asked for, as a copy, from an archive, from where they were parked. */
export type HowBegun = keyof typeof beginnings
/** What became of worlds; `expired` are those that were parked for too long. */
export type WhyEnded = keyof typeof ends

/** How many worlds began and ended, and how, since the process began; the default one is not counted. */
export class WorldTally {
  readonly begun: Record<HowBegun, number> = { ...beginnings }
  readonly ended: Record<WhyEnded, number> = { ...ends }
}
