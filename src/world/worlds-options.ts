import type { Catalogue } from '../errors.ts'
import type { JournalBudget } from '../journal/journal.ts'
import type { Store } from '../store/store.ts'
import type { Parking } from './parking.ts'
import type { ChosenSeed } from './world.ts'
import type { WorldSettings } from './world-settings.ts'

/** What every world of an emulator is made with. */
export interface Surroundings {
  readonly errors: Catalogue
  readonly wallClock: () => number
  readonly journals: JournalBudget
}

/** What there is around all of them, and what bounds them. */
export interface WorldsOptions extends Surroundings {
  /** Of the default world, and of every world that is not given others. */
  readonly settings: WorldSettings
  readonly seed: ChosenSeed
  /** Names of settings, `seed` among them, that whoever started the emulator gave: they win over those kept in a file. */
  readonly given: ReadonlySet<string>
  /** The store of the default world; where it is a file, that world is replaced within it, in one transaction. */
  readonly store: Store
  /** How many worlds there may be beside the default one. */
  readonly limit: number
  /** How many of them may be of one group; without end where it is infinite. */
  readonly groupLimit: number
  /** After how long without use a world is parked or dropped; for ever where it is infinite. */
  readonly idleMillis: number
  /** Whether a world appears on first use, or only where it is declared. */
  readonly newWorlds: 'used' | 'declared'
  /** Where worlds are kept that are not in memory. */
  readonly parking?: Parking | undefined
}
