import type { ClockRequest, TokenRequest, WorldRequest } from '../../schemas/control.ts'
import type { Seed } from '../../schemas/seed.ts'
import { epochMillis, isoInstant, lastMillis } from '../store/snowflake.ts'
import { durationMillis, signedDurationMillis } from '../world/duration.ts'
import { mistakeIn } from '../world/seed-check.ts'
import type { IssuedToken } from '../world/tokens.ts'
import { issueToken } from '../world/tokens.ts'
import type { ChosenSeed, Snapshot, World, WorldSettings } from '../world/world.ts'
import { setClock } from '../world/world.ts'
import type { Worlds } from '../world/worlds.ts'
import { nameForm, takeSnapshot } from '../world/worlds.ts'
import { Problem } from './problem.ts'

/** Everything that can be turned from outside, once; HTTP routes and the in-process handle are two faces of it. */
export class Dials {
  readonly #worlds: Worlds
  readonly #readBundled: () => Seed

  constructor(worlds: Worlds, readBundled: () => Seed) {
    this.#worlds = worlds
    this.#readBundled = readBundled
  }

  list(): World[] {
    return this.#worlds.list()
  }

  get limit(): number {
    return this.#worlds.limit
  }

  /** @throws Problem 404 */
  find(name: string): World {
    const world = this.#worlds.find(name)
    if (world) return world
    throw new Problem(404, `there is no world ${name}; PUT, POST and PATCH make it`)
  }

  /** The world, made if it is not there. @throws Problem 503 */
  ensure(name: string): World {
    this.#requireRoom(name)
    return this.#worlds.use(name)
  }

  /** @throws Problem 400, 503 */
  begin(name: string, request: WorldRequest): { world: World; isNew: boolean } {
    this.#requireRoom(name)
    const isNew = this.#worlds.find(name) === undefined
    return { world: this.#worlds.begin(name, this.#settingsOf(request), this.#seedOf(request)), isNew }
  }

  reset(name: string): World {
    const isNew = this.#worlds.find(name) === undefined
    const world = this.ensure(name)
    return isNew ? world : this.#worlds.reset(world)
  }

  /** @throws Problem 404, 409 */
  remove(name: string): void {
    const world = this.find(name)
    if (world === this.#worlds.main) throw new Problem(409, 'the default world stays; reset it instead')
    this.#worlds.remove(name)
  }

  /** @throws Problem 400 */
  importState(name: string, document: Seed): World {
    requireSound(document)
    return this.#worlds.importState(this.ensure(name), document)
  }

  snapshot(name: string, label: string): Snapshot {
    requireLabel(label)
    return takeSnapshot(this.ensure(name), label)
  }

  /** @throws Problem 404 */
  restore(name: string, label: string): World {
    const world = this.find(name)
    return this.#worlds.restore(world, snapshotOf(world, label))
  }

  /** @throws Problem 404 */
  dropSnapshot(name: string, label: string): void {
    const world = this.find(name)
    snapshotOf(world, label)
    world.snapshots.delete(label)
  }

  #requireRoom(name: string): void {
    if (!nameForm.test(name))
      throw new Problem(400, 'a world is named with 1 to 64 letters, digits, dots, dashes and underscores')
    if (!this.#worlds.isFull(name)) return
    throw new Problem(503, `there are ${this.limit} worlds already; delete some, or start with a larger --max-worlds`)
  }

  #settingsOf({ seed: _, scopesPerModule, ...given }: WorldRequest): WorldSettings {
    const { settings } = this.#worlds.defaults
    if (scopesPerModule === undefined) return { ...settings, ...given }
    return { ...settings, ...given, scopesPerModule: scopesPerModule ?? Number.POSITIVE_INFINITY }
  }

  #seedOf({ seed }: WorldRequest): ChosenSeed {
    if (seed === undefined) return this.#worlds.defaults.seed
    if (seed === 'none') return { choice: 'none', document: {} }
    if (seed === 'bundled') return { choice: 'bundled', document: this.#readBundled() }
    requireSound(seed)
    return { choice: 'document', document: seed }
  }
}

function requireSound(document: Seed): void {
  const mistake = mistakeIn(document)
  if (mistake !== undefined) throw new Problem(400, mistake)
}

function requireLabel(label: string): void {
  if (nameForm.test(label)) return
  throw new Problem(400, 'a snapshot is labelled with 1 to 64 letters, digits, dots, dashes and underscores')
}

function snapshotOf({ name, snapshots }: World, label: string): Snapshot {
  const snapshot = snapshots.get(label)
  if (snapshot) return snapshot
  throw new Problem(404, `the world ${name} has no snapshot ${label}`)
}

/**
 * Turns a world's clocks, whole or not at all (DEC-30).
 *
 * @throws Problem 400
 */
export function turnClock(world: World, { frozen, now, advance, skew, signing }: ClockRequest): void {
  const state = world.clock.after({
    frozen,
    signing,
    now: now === undefined ? undefined : instant(now),
    advance: advance === undefined ? undefined : span('advance', durationMillis(advance)),
    skew: skew === undefined ? undefined : span('skew', signedDurationMillis(skew)),
  })
  if (state === undefined) {
    throw new Problem(400, `the state clock runs from ${isoInstant(epochMillis)} to ${isoInstant(lastMillis)} [DEC-31]`)
  }
  setClock(world, state)
}

function instant(text: string): number {
  const millis = Date.parse(text)
  if (!Number.isNaN(millis)) return millis
  throw new Problem(400, 'body/now is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z')
}

function span(field: string, millis: number | undefined): number {
  if (millis !== undefined) return millis
  throw new Problem(400, `body/${field} is no ISO 8601 duration from weeks to milliseconds; expected one such as PT10M`)
}

/** @throws Problem 400 */
export function issue(world: World, { userId, token, lifetime }: TokenRequest): IssuedToken {
  const millis = typeof lifetime === 'string' ? span('lifetime', durationMillis(lifetime)) : lifetime
  return issueToken(world, userId, token, millis)
}
