import type { Absence } from './absence.ts'
import { full, fullGroup, groupOf } from './absence.ts'
import { archiveOf } from './archive.ts'
import type { WhyEnded } from './tally.ts'
import type { World } from './world.ts'
import type { WorldsOptions } from './worlds-options.ts'

type Bounds = Pick<WorldsOptions, 'wallClock' | 'idleMillis' | 'limit' | 'groupLimit' | 'parking'>

interface Around {
  /** Whether somebody listens to a name. */
  readonly isWatched: (name: string) => boolean
  /** Told of each world that is in memory no more; it is still open. */
  readonly left: (world: World, why: WhyEnded) => void
}

/** The worlds in memory beside the default one: which of them stay, and what becomes of those that do not. */
export class Residents {
  readonly #bounds: Bounds
  readonly #around: Around
  readonly #worlds = new Map<string, World>()

  constructor(bounds: Bounds, around: Around) {
    this.#bounds = bounds
    this.#around = around
  }

  get(name: string): World | undefined {
    return this.#worlds.get(name)
  }

  put(world: World): void {
    this.#worlds.set(world.name, world)
  }

  all(): World[] {
    return [...this.#worlds.values()]
  }

  /** Names of worlds of a group, those that are parked included. */
  namesIn(group: string): string[] {
    const names = new Set([...this.#worlds.keys(), ...(this.#bounds.parking?.names() ?? [])])
    return [...names].filter((name) => groupOf(name) === group)
  }

  /** Why there may not be one more, of this name, once those have gone that may. */
  lack(name: string): Absence | undefined {
    const { limit, groupLimit } = this.#bounds
    this.dropIdle()
    if (Number.isFinite(groupLimit) && this.namesIn(groupOf(name)).length >= groupLimit) {
      return fullGroup(name, groupLimit)
    }
    this.makeRoom()
    return this.#worlds.size >= limit ? full(limit) : undefined
  }

  isIdle(world: World): boolean {
    return !this.#isBusy(world) && this.#bounds.wallClock() - world.lastUsedAt > this.#bounds.idleMillis
  }

  dropIdle(): void {
    for (const world of this.#worlds.values()) if (this.isIdle(world)) this.#putAway(world)
  }

  /** Rather than refuse a new world, the one is parked that was not used for longest. */
  makeRoom(): void {
    if (this.#bounds.parking === undefined || this.#worlds.size < this.#bounds.limit) return
    const free = this.all().filter((world) => !this.#isBusy(world))
    const [idlest] = free.sort((one, other) => one.lastUsedAt - other.lastUsedAt)
    if (idlest) this.#putAway(idlest)
  }

  /** Takes a world out of memory. Says whether it was there. */
  leave(name: string, why: WhyEnded): boolean {
    const world = this.#worlds.get(name)
    this.#worlds.delete(name)
    if (world) this.#around.left(world, why)
    return world !== undefined
  }

  /** Parks what may be parked and closes every store. */
  end(): void {
    for (const world of this.#worlds.values()) {
      this.#bounds.parking?.park(archiveOf(world))
      world.end()
    }
    this.#worlds.clear()
  }

  /** Whether somebody works with it, or listens. */
  #isBusy(world: World): boolean {
    return world.isHeld || this.#around.isWatched(world.name)
  }

  /** Parks a world where worlds are parked, otherwise drops it; one that cannot be parked stays. */
  #putAway(world: World): void {
    const { parking } = this.#bounds
    if (parking === undefined) this.leave(world.name, 'idle')
    else if (parking.park(archiveOf(world))) this.leave(world.name, 'parked')
  }
}
