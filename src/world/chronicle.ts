import { Coverage } from '../coverage/coverage.ts'
import { Listeners } from './listeners.ts'
import type { HowBegun, WhyEnded } from './tally.ts'
import { WorldTally } from './tally.ts'
import { Watchers } from './watchers.ts'
import type { World } from './world.ts'
import type { WorldsObserver } from './worlds-observer.ts'

/** Tells of what becomes of worlds, and keeps what they counted when they are no more. */
export abstract class Chronicle {
  readonly tally = new WorldTally()
  /** Told of every world that is begun or begun anew, before anybody uses it. */
  readonly begun = new Listeners<World>()
  /** Told of every world that is dropped or begun anew, while its journal is still there. */
  readonly ended = new Listeners<World>()
  observer: WorldsObserver | undefined
  protected readonly watchers = new Watchers()
  /** Of worlds that are no more. */
  readonly #past = new Coverage()

  /** Of the worlds that there are. */
  protected abstract coverages(): Coverage[]

  /** What was met of the contract in all worlds, those included that were dropped or begun anew. */
  coverage(): Coverage {
    return [...this.coverages(), this.#past].reduce((sum, one) => sum.include(one), new Coverage())
  }

  clearCoverage(): void {
    for (const one of [...this.coverages(), this.#past]) one.clear()
  }

  /** A world was begun, in the place of the one before. */
  protected took(fresh: World, before: World | undefined, how: HowBegun): void {
    this.pass(fresh)
    this.begun.tell(fresh)
    this.tally.begun[how] += 1
    if (before) this.tally.ended.replaced += 1
    this.observer?.begun(fresh, changeOf(how, before !== undefined)) // while the journal before is still there
    if (before) this.succeed(before, fresh)
  }

  /** A world has left memory. */
  protected left(world: World, why: WhyEnded): void {
    this.tally.ended[why] += 1
    this.observer?.ended(world, why === 'parked') // while its journal is still there
    if (why === 'parked') world.close()
    else this.succeed(world)
  }

  protected succeed(world: World, heir?: World): void {
    this.ended.tell(world)
    world.coverage.leaveTo(this.#past)
    world.close(heir)
  }

  /** Passes on what the journal of a new world is told, to those who watch its name. */
  protected pass({ name, journal }: World): void {
    journal.watch((entry) => this.watchers.tell(name, entry, journal))
  }
}

function changeOf(how: HowBegun, isAnother: boolean): 'made' | 'reset' | 'forked' | 'adopted' {
  if (how === 'forked') return how
  if (how === 'adopted' || how === 'unparked') return 'adopted'
  return isAnother ? 'reset' : 'made'
}
