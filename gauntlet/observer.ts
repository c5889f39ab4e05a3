import type { Emulator, WorldHandle } from '../src/index.ts'
import type { WholeEntryView } from '../src/journal/view.ts'
import type { Finding } from '../src/review/finding.ts'
import type { Adversity, PlannedFault } from './adversity.ts'
import type { Entity, WorldState } from './entities.ts'
import { entitiesIn } from './entities.ts'
import type { LivingLock } from './locks.ts'

interface ObserverOptions {
  readonly adversity: Adversity | undefined
  readonly faults: readonly PlannedFault[]
  readonly isWatched: boolean
  readonly mostCalls: number
  readonly onStorm: () => void
}

/** Puts an adversity into every world of an emulator, and sees what the client does in them. */
export class Observer {
  readonly entries: WholeEntryView[] = []
  readonly states: (readonly Entity[])[] = []
  readonly #emulator: Emulator
  readonly #options: ObserverOptions
  readonly #past: { readonly findings: readonly Finding[]; readonly dropped: number }[] = []
  readonly #ends: (() => void)[] = []
  #isStruck = false

  constructor(emulator: Emulator, options: ObserverOptions) {
    this.#emulator = emulator
    this.#options = options
    for (const world of emulator.worlds()) this.#enter(world)
    this.#ends.push(
      emulator.onWorldBegin((world) => this.#enter(world)),
      emulator.onWorldEnd((world) => this.#past.push({ findings: world.review(), dropped: world.dropped })),
    )
    this.#look()
  }

  /** Worlds as they are now. */
  now(): WorldState[] {
    return this.#emulator.worlds().map((world) => ({ world: world.name, state: world.state() }))
  }

  findings(): Finding[] {
    return [
      ...this.#past.flatMap(({ findings }) => findings),
      ...this.#emulator.worlds().flatMap((world) => world.review()),
    ]
  }

  dropped(): number {
    const past = this.#past.reduce((sum, { dropped }) => sum + dropped, 0)
    return this.#emulator.worlds().reduce((sum, { dropped }) => sum + dropped, past)
  }

  /** How often a fault fired; what is under way still is no entry yet, and a world that is no more has no faults. */
  hits(): number {
    const told = this.entries.filter(({ fault }) => fault !== null).length
    const counted = this.#emulator.worlds().flatMap((world) => world.faults.list())
    return Math.max(
      told,
      counted.reduce((sum, { hits }) => sum + hits, 0),
    )
  }

  /** Locks that have not run out: an expired one stays in a state until somebody takes it anew. */
  livingLocks(): LivingLock[] {
    return this.#emulator.worlds().flatMap((world) => {
      const now = Date.parse(world.clock.read().now)
      const locks = Object.values(world.state().users ?? {}).flatMap(({ locks: own = [] }) => own)
      return locks.filter(({ expiresAt }) => Date.parse(expiresAt) > now)
    })
  }

  /** Sees nothing more. */
  end(): void {
    for (const end of this.#ends) end()
  }

  #enter(world: WorldHandle): void {
    for (const fault of this.#options.faults) world.faults.add(fault)
    const isFollowed = this.#followed.has(world.name)
    if (isFollowed) return
    this.#followed.add(world.name)
    this.#ends.push(world.onRequest((entry) => this.#see(world, entry)))
  }

  readonly #followed = new Set<string>()

  #see(world: WorldHandle, entry: WholeEntryView): void {
    const { adversity, mostCalls, onStorm } = this.#options
    this.entries.push(entry)
    if (this.entries.length > mostCalls) onStorm()
    // What somebody else did before a reading is no row of that reading.
    if (entry.rowsWritten > 0 || entry.fault !== null) this.#look()
    if (adversity?.endsAt === entry.operation) world.faults.clear()
    const { followedBy } = adversity ?? {}
    if (followedBy && entry.fault !== null && !this.#isStruck) world.faults.add(followedBy)
    this.#isStruck ||= entry.fault !== null
  }

  #look(): void {
    if (this.#options.isWatched) this.states.push(entitiesIn(this.now()))
  }
}
