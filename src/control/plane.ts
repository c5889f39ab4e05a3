import type { PassThrough } from 'node:stream'
import type { Change } from '../../schemas/change.ts'
import type { WorldRequest } from '../../schemas/control.ts'
import { controlPath } from '../../schemas/control.ts'
import type { Seed } from '../../schemas/seed.ts'
import type { Explain } from '../http/explain.ts'
import type { Resend } from '../http/replay.ts'
import { monotonicSeconds } from '../process/real-time.ts'
import type { Absence } from '../world/absence.ts'
import type { WorldArchive } from '../world/archive.ts'
import { mistakeIn } from '../world/seed-check.ts'
import { exportState } from '../world/state.ts'
import type { ChosenSeed, Snapshot, World } from '../world/world.ts'
import type { WrittenSettings } from '../world/world-settings.ts'
import { settingsOf } from '../world/world-settings.ts'
import type { Worlds } from '../world/worlds.ts'
import { defaultName } from '../world/worlds.ts'
import { requireAdoptable } from './archives.ts'
import { compareStates, thingsOf } from './compared-states.ts'
import { EventLog } from './event-log.ts'
import { Problem } from './problem.ts'
import { requireLabel, snapshotOf } from './snapshots.ts'

interface ControlPlaneOptions {
  readonly worlds: Worlds
  readonly explain: Explain
  readonly resend: Resend
  /** The emulator's own. */
  readonly version: string
  readonly readBundled: () => Seed
  /** Whether it is used only by those who show a token. */
  readonly isProtected: boolean
  /** Whether new requests are welcome. */
  readonly isReady: () => boolean
  readonly metrics: () => string
  /** Where those are kept that somebody listens to. */
  readonly streams: Set<PassThrough>
}

/** Of one world. */
const mostSnapshots = 100

/** Of all worlds together, in bytes: an empty world takes a quarter of a megabyte. */
const mostSnapshotBytes = 512 * 1024 * 1024

type Base = Exclude<NonNullable<WorldRequest['from']>, string>

/** What can be done with worlds from outside; the control operations are made of it. */
export class ControlPlane {
  readonly worlds: Worlds
  readonly explain: Explain
  readonly resend: Resend
  readonly version: string
  readonly events: EventLog
  readonly isProtected: boolean
  readonly isReady: () => boolean
  /** In Prometheus' text format. */
  readonly metrics: () => string
  /** Those that somebody listens to. */
  readonly streams: Set<PassThrough>
  readonly #readBundled: () => Seed
  readonly #startedAt = monotonicSeconds()

  constructor(options: ControlPlaneOptions) {
    const { worlds, explain, resend, version, isProtected, isReady, metrics, streams, readBundled } = options
    this.worlds = worlds
    this.explain = explain
    this.resend = resend
    this.version = version
    this.isProtected = isProtected
    this.isReady = isReady
    this.metrics = metrics
    this.streams = streams
    this.events = new EventLog(worlds, version)
    this.#readBundled = readBundled
  }

  get uptimeSeconds(): number {
    return Math.round((monotonicSeconds() - this.#startedAt) * 1000) / 1000
  }

  /** A world, which to look at is no use. @throws Problem 404; 503 where it cannot be told which it is */
  show(name: string): World {
    const world = this.worlds.find(name)
    if (world) return world
    const absence = this.worlds.absence(name)
    if (absence && absence.kind !== 'full') throw refused(absence)
    throw new Problem(404, `there is no world ${name}; PUT ${controlPath}/worlds/${name} makes it`)
  }

  /** A world that is read, and thereby used. @throws as `show` does */
  find(name: string): World {
    const world = this.show(name)
    world.touch()
    return world
  }

  /**
   * The world, made if it is not there.
   *
   * @param isDeclared whether it is asked for in so many words
   * @throws Problem 503; 404 where worlds are declared and this one is not
   */
  ensure(name: string, isDeclared = false): World {
    const isNew = this.#admit(name, isDeclared)
    return isDeclared && isNew ? this.worlds.begin(name) : this.worlds.use(name)
  }

  /** @throws Problem 400, 503; 404 where there is nothing of what it is to be a copy of */
  begin(name: string, { seed, from, ...settings }: WorldRequest): { world: World; isNew: boolean } {
    if (from !== undefined) {
      if (seed !== undefined) throw new Problem(400, 'body/seed is that of the copied world; give from or seed')
      return this.#fork(name, typeof from === 'string' ? { world: from } : from, settings)
    }
    const isNew = this.#admit(name, true)
    return { world: this.worlds.begin(name, settingsOf(settings), this.#seedOf(seed)), isNew }
  }

  #fork(name: string, { world, snapshot }: Base, settings: WrittenSettings): { world: World; isNew: boolean } {
    const base = this.find(world)
    const copied = snapshot === undefined ? base.snapshot() : snapshotOf(base, snapshot)
    const isNew = this.#admit(name, true)
    return { world: this.worlds.fork(name, base, copied, settingsOf(settings)), isNew }
  }

  /** Says whether it would be a new one. */
  #admit(name: string, isDeclared: boolean): boolean {
    const absence = this.worlds.admit(name, isDeclared)
    if (absence) throw refused(absence)
    return this.worlds.find(name) === undefined
  }

  reset(name: string): World {
    const isNew = this.worlds.find(name) === undefined
    const world = this.ensure(name)
    return isNew ? world : this.worlds.reset(world)
  }

  /** @throws Problem 404, 409 */
  remove(name: string): void {
    if (name === defaultName) throw new Problem(409, 'the default world stays; reset it instead')
    if (!this.worlds.remove(name)) this.show(name)
  }

  /** @throws Problem 400 */
  importState(name: string, document: Seed): World {
    requireSound(document)
    return this.worlds.importState(this.ensure(name, true), document)
  }

  /** @throws Problem 400, 409, 507, 503 */
  adopt(name: string, archive: WorldArchive): { world: World; isNew: boolean } {
    requireAdoptable(archive)
    this.#requireBounds(name, archive)
    const isNew = this.#admit(name, true)
    return { world: this.worlds.adopt(name, archive), isNew }
  }

  /** Its snapshots count as if they had been taken here. */
  #requireBounds(name: string, { snapshots }: WorldArchive): void {
    if (snapshots.length > mostSnapshots) throw new Problem(409, `a world has at most ${mostSnapshots} snapshots`)
    const own = [...(this.worlds.find(name)?.snapshots.values() ?? [])]
    const brought = sizeOf(snapshots.map(([, snapshot]) => snapshot)) - sizeOf(own)
    if (this.#snapshotBytes() + brought > mostSnapshotBytes) throw tooManyBytes()
  }

  /** @throws Problem 400, and 409 or 507 where there are too many snapshots, or too large ones */
  snapshot(name: string, label: string): Snapshot {
    requireLabel(label)
    const world = this.ensure(name)
    const { snapshots } = world
    const before = snapshots.get(label)
    if (before === undefined && snapshots.size >= mostSnapshots) {
      throw new Problem(409, `the world ${name} has ${mostSnapshots} snapshots already; delete some`)
    }
    const snapshot = world.snapshot()
    if (this.#snapshotBytes() - (before?.image.length ?? 0) + snapshot.image.length > mostSnapshotBytes) {
      throw tooManyBytes()
    }
    snapshots.set(label, snapshot)
    return snapshot
  }

  /** @throws Problem 404 */
  restore(name: string, label: string): World {
    const world = this.find(name)
    return this.worlds.restore(world, snapshotOf(world, label))
  }

  /** What became of one state of a world to be another. @throws Problem 404, 409 */
  compare(name: string, from: string, to: string): Change[] {
    const world = this.find(name)
    return compareStates(world, from, to, (snapshot) => this.worlds.lookAt(world, snapshot, thingsOf))
  }

  /** What a snapshot holds. @throws Problem 404 */
  snapshotState(name: string, label: string): Seed {
    const world = this.find(name)
    return this.worlds.lookAt(world, snapshotOf(world, label), exportState)
  }

  /** @throws Problem 404 */
  dropSnapshot(name: string, label: string): void {
    const world = this.find(name)
    snapshotOf(world, label)
    world.snapshots.delete(label)
  }

  #snapshotBytes(): number {
    return sizeOf(this.worlds.list().flatMap((world) => [...world.snapshots.values()]))
  }

  /** `undefined` for the server's own. */
  #seedOf(seed: WorldRequest['seed']): ChosenSeed | undefined {
    if (seed === undefined) return undefined
    if (seed === 'none') return { choice: 'none', document: {} }
    if (seed === 'bundled') return { choice: 'bundled', document: this.#readBundled() }
    requireSound(seed)
    return { choice: 'document', document: seed }
  }
}

const refused = ({ kind, reason }: Absence): Problem => new Problem(kind === 'undeclared' ? 404 : 503, reason)

function requireSound(document: Seed): void {
  const mistake = mistakeIn(document)
  if (mistake !== undefined) throw new Problem(400, mistake)
}

const sizeOf = (snapshots: readonly Snapshot[]): number => snapshots.reduce((sum, { image }) => sum + image.length, 0)

const tooManyBytes = () =>
  new Problem(507, `all snapshots together would take more than ${mostSnapshotBytes} bytes; delete some`)
