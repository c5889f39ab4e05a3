import { openImage } from '../store/image.ts'
import { createStore } from '../store/store.ts'
import { createIdSequence } from './ids.ts'
import { createRandom } from './random.ts'
import { World } from './world.ts'

/** To copy more than this would keep everybody waiting, for there is one thread. */
const mostBytes = 8 * 1024 * 1024

/**
 * A world of its own that holds the same, to try things in; whoever has it ends it.
 *
 * @returns `undefined` where that is too much to copy
 */
export function copyOf(world: World): World | undefined {
  const { store, settings, ids, random } = world
  if (store.bytes() > mostBytes) return undefined
  const copied = createStore(openImage(store.image()))
  copied.access.keepStandIns(store.access.standIns()) // they are in no row
  return new World(
    {
      ...world.trial(),
      store: copied,
      ids: createIdSequence(settings.worker, ids.position(), ids.reserved()),
      random: createRandom(random.state()),
    },
    world.trial(),
  )
}
