import type { ClockRequest, ExplainRequest, Explanation, TokenRequest, WorldRequest } from '../../schemas/control.ts'
import { nameForm } from '../../schemas/control.ts'
import type { Seed } from '../../schemas/seed.ts'
import { tooManyWorlds } from '../http/world-name.ts'
import { epochMillis, isoInstant, lastMillis } from '../store/snowflake.ts'
import { durationMillis, instantMillis, signedDurationMillis } from '../world/duration.ts'
import { mistakeIn } from '../world/seed-check.ts'
import type { IssuedToken } from '../world/tokens.ts'
import { issueToken } from '../world/tokens.ts'
import type { ChosenSeed, Snapshot, World, WorldSettings } from '../world/world.ts'
import { setClock } from '../world/world.ts'
import type { Worlds } from '../world/worlds.ts'
import { takeSnapshot } from '../world/worlds.ts'
import { requireShallow } from './depth.ts'
import type { Explain } from './explain.ts'
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
    if (!nameForm.pattern.test(name)) throw new Problem(400, `a world is named with ${nameForm.words}`)
    if (!this.#worlds.isFull(name)) return
    throw new Problem(503, tooManyWorlds(this.limit).reason)
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
  if (nameForm.pattern.test(label)) return
  throw new Problem(400, `a snapshot is labelled with ${nameForm.words}`)
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
    skew: skew === undefined ? undefined : bounded('skew', signedDurationMillis(skew)),
  })
  if (state === undefined) throw outsideRange()
  setClock(world, state)
}

const outsideRange = () =>
  new Problem(400, `the state clock runs from ${isoInstant(epochMillis)} to ${isoInstant(lastMillis)} [DEC-31]`)

/** Would this request be accepted, and if not, why? @throws Problem 400 */
export function ask(explain: Explain, world: World, question: ExplainRequest): Explanation {
  const now = question.now === undefined ? epochMillis : instant(question.now)
  if (now < epochMillis || now > lastMillis) throw outsideRange()
  requireShallow(question.body, 'body/body')
  return explain(world, question)
}

function instant(text: string): number {
  const millis = instantMillis(text)
  if (millis !== undefined) return millis
  throw new Problem(400, 'body/now is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z')
}

function span(field: string, millis: number | undefined): number {
  if (millis !== undefined) return millis
  throw new Problem(400, `body/${field} is no ISO 8601 duration from weeks to milliseconds; expected one such as PT10M`)
}

/** About a thousand years; what is further off has no date that could be written. */
const longestSpan = 52_000 * 604_800_000

function bounded(field: string, millis: number | undefined): number {
  const length = span(field, millis)
  if (Math.abs(length) <= longestSpan) return length
  throw new Problem(400, `body/${field} is too long; expected at most P52000W`)
}

/** @throws Problem 400 */
export function issue(world: World, { userId, token, lifetime }: TokenRequest): IssuedToken {
  const millis = typeof lifetime === 'string' ? bounded('lifetime', durationMillis(lifetime)) : lifetime
  return issueToken(world, userId, token, millis)
}
