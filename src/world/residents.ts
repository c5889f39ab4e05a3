import type { Absence } from './absence.ts'
import { full, fullGroup, groupOf, unclear, undeclared } from './absence.ts'
import { archiveOf } from './archive.ts'
import type { WhyEnded } from './tally.ts'
import type { World } from './world.ts'
import type { WorldsOptions } from './worlds-options.ts'

type Bounds = Pick<WorldsOptions, 'wallClock' | 'idleMillis' | 'limit' | 'groupLimit' | 'newWorlds' | 'parking'>

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
  /** Those that could not be parked. */
  readonly #stuck = new WeakSet<World>()

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

  /** Without those that are as good as dropped; one that is as good as parked is there. */
  all(): World[] {
    const all = [...this.#worlds.values()]
    return this.#bounds.parking ? all : all.filter((world) => !this.isIdle(world))
  }

  /** Names of worlds of a group, those that are parked included. */
  namesIn(group: string): string[] {
    const names = new Set([...this.all().map(({ name }) => name), ...(this.#bounds.parking?.names() ?? [])])
    return [...names].filter((name) => groupOf(name) === group)
  }

  /** Why there may not be one more, of this name, which nobody declared. Those that may go are taken for gone, and stay. */
  lack(name: string): Absence | undefined {
    return this.#obstacle(name) ?? this.#lackBeside(() => this.#staying(), name)
  }

  /**
   * Lets those go that may, as far as a world of this name needs their room; says why that is not enough.
   *
   * @param isDeclared whether it is asked for in so many words
   */
  makeRoomFor(name: string, isDeclared: boolean): Absence | undefined {
    const lack = isDeclared ? this.#lackBeside(() => this.#staying(), name) : this.lack(name)
    if (lack) return lack
    this.dropIdle()
    this.makeRoom()
    return this.#lackBeside(() => this.#worlds.size, name) // one that cannot be parked stays
  }

  isIdle(world: World): boolean {
    return !this.#isBusy(world) && this.#bounds.wallClock() - world.lastUsedAt > this.#bounds.idleMillis
  }

  dropIdle(): void {
    for (const world of this.#worlds.values()) if (this.isIdle(world)) this.#putAway(world)
  }

  /** Rather than refuse a new world, those are parked that were not used for longest. */
  makeRoom(): void {
    const { parking, limit } = this.#bounds
    if (parking === undefined || this.#worlds.size < limit) return
    const free = this.all().filter((world) => !this.#isBusy(world))
    const rank = (world: World) => Number(this.#stuck.has(world))
    for (const world of free.sort((a, b) => rank(a) - rank(b) || a.lastUsedAt - b.lastUsedAt)) {
      if (this.#worlds.size < limit) return
      const wasStuck = this.#stuck.has(world)
      if (!this.#putAway(world) && wasStuck) return // nothing is better than it was
    }
  }

  /** Takes a world out of memory. Says whether it was there. */
  leave(name: string, why: WhyEnded): boolean {
    const world = this.#worlds.get(name)
    this.#worlds.delete(name)
    if (world) this.#around.left(world, why)
    return world !== undefined
  }

  /** Parks what may be parked and closes every store. Answers the names of those that should be kept and are lost. */
  end(): string[] {
    const { parking } = this.#bounds
    const lost: string[] = []
    for (const world of this.#worlds.values()) {
      if (parking && !parking.park(archiveOf(world))) lost.push(world.name)
      world.end()
    }
    this.#worlds.clear()
    return lost
  }

  /** Whether somebody works with it, or listens. */
  #isBusy(world: World): boolean {
    return world.isHeld || this.#around.isWatched(world.name)
  }

  /** How many there would be if all went that may. */
  #staying(): number {
    const there = this.all()
    return this.#bounds.parking ? there.filter((world) => this.#isBusy(world)).length : there.length
  }

  #obstacle(name: string): Absence | undefined {
    const { parking, newWorlds } = this.#bounds
    const obstacle = parking?.obstacle(name)
    if (obstacle !== undefined) return unclear(obstacle)
    return newWorlds === 'declared' ? undeclared(name) : undefined
  }

  /** @param staying counts those that are in the way; not asked while there is room anyway */
  #lackBeside(staying: () => number, name: string): Absence | undefined {
    const { limit, groupLimit } = this.#bounds
    const isGroupFull = Number.isFinite(groupLimit) && this.namesIn(groupOf(name)).length >= groupLimit
    if (isGroupFull) return fullGroup(name, groupLimit)
    return this.#worlds.size >= limit && staying() >= limit ? full(limit) : undefined
  }

  /** Parks a world where worlds are parked, otherwise drops it. Says whether it went: one that cannot be parked stays. */
  #putAway(world: World): boolean {
    const { parking } = this.#bounds
    if (parking === undefined) return this.leave(world.name, 'idle')
    if (parking.park(archiveOf(world))) return this.leave(world.name, 'parked')
    this.#stuck.add(world)
    return false
  }
}
