import type { Seed } from '../../schemas/seed.ts'
import type { JournalBudget } from '../journal/journal.ts'
import type { AppRow, TokenRow } from '../store/access.ts'
import type { Progress, WorldOrigin } from '../store/origin.ts'
import type { Store } from '../store/store.ts'
import type { ClockState } from './clock.ts'
import { createClock, untouched } from './clock.ts'
import { createIdSequence, noIdsYet } from './ids.ts'
import { passOver, plant } from './planting.ts'
import { createRandom, randomFrom } from './random.ts'
import type { ChosenSeed, ControlState, Foundation } from './world.ts'
import { commit, controlStateOf, World } from './world.ts'
import { settingsOf } from './world-settings.ts'

interface Origins extends Foundation {
  readonly wallClock: () => number
  readonly journals: JournalBudget
  /** By the wall clock; now where nothing is said. */
  readonly createdAt?: number | undefined
}

/** How a world starts, and starts anew when it is reset. */
export type Beginning = Pick<World, 'own' | 'settings' | 'seed'>

/** What a new world begins with, in place of its seed alone, where it takes over from another. */
export interface Succession {
  readonly content: Seed
  readonly progress: Progress
  /** Ids that lie ahead, and are not issued. */
  readonly reserved: readonly bigint[]
  readonly clock: ClockState
  readonly tokens: readonly TokenRow[]
  readonly apps: readonly AppRow[]
}

/** A world over a store: continued where the store has been used before, otherwise begun. */
export function createWorld(
  { wallClock, journals, ...origins }: Origins,
  control?: ControlState,
  succession?: Succession,
): World {
  const { settings, seed, own, store } = origins
  const previous = store.origin.read()
  const { progress = noIdsYet, clock: clockState } = succession ?? {}
  const random = createRandom(previous?.random || succession?.progress.random || randomFrom(settings.random))
  const origin = previous ?? {
    ...progress,
    random: random.state(),
    clock: clockState ? JSON.stringify(clockState) : '',
    seed: JSON.stringify(seed.document),
    seedChoice: seed.choice,
    settings: JSON.stringify(own),
    worker: settings.worker,
  }
  const clock = createClock(wallClock, origin.clock === '' ? untouched : JSON.parse(origin.clock))
  const ids = createIdSequence(origin.worker, origin)
  if (previous) for (const id of store.reserved.beyond(ids.last(), origin.worker)) ids.reserve(id)
  const rest = { settings: { ...settings, worker: origin.worker }, clock, ids, random, seeded: previous === undefined }
  const world = new World({ ...origins, ...rest }, control ?? controlStateOf(settings, journals))
  if (previous === undefined) {
    commit(world, () => {
      store.origin.begin(origin)
      for (const id of succession?.reserved ?? []) passOver(world, id)
      plant(world, succession?.content ?? seed.document)
      for (const token of succession?.tokens ?? []) store.access.keepToken(token)
      for (const { appId, appSecret } of succession?.apps ?? []) store.access.addApp(appId, appSecret)
    })
  }
  return world
}

/** A store that may have been used before, and what whoever opens it now asks for; `given` names what was asked for outright. */
interface Continuable extends Omit<Beginning, 'own'> {
  readonly store: Store
  readonly given: ReadonlySet<string>
}

/** What the default world goes on with: its own settings and seed, where its file has them, save for those given now. */
export function continued({ store, settings, seed, given }: Continuable): Beginning {
  const kept = store.origin.read()
  if (kept === undefined) return { own: {}, settings, seed }
  const own = settingsOf(JSON.parse(kept.settings))
  const winning = Object.fromEntries(Object.entries(own).filter(([name]) => !given.has(name)))
  return { own, settings: { ...settings, ...winning }, seed: given.has('seed') ? seed : plantedSeed(kept) }
}

/** The seed that a world was begun with; read when it is planted again, which it seldom is. */
export const plantedSeed = ({ seed, seedChoice }: Pick<WorldOrigin, 'seed' | 'seedChoice'>): ChosenSeed => ({
  choice: seedChoice || 'document',
  get document(): Seed {
    return JSON.parse(seed)
  },
})

/**
 * Puts a world that is in a store already upon other settings.
 *
 * @param random where its generator begins anew; `null` lets it go on
 */
export function rebase(
  store: Store,
  { own, settings }: Pick<Beginning, 'own' | 'settings'>,
  random: string | null,
): void {
  store.origin.rebase({ settings: JSON.stringify(own), worker: settings.worker, random })
}
