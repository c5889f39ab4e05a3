import type { Archive } from '../schemas/har.ts'
import type { Emulator, PastWorld } from '../src/index.ts'
import type { WorldReport } from './report.ts'

/** What was seen of one world that was used. */
export interface SeenWorld extends Omit<WorldReport, 'archive'> {
  /** What was sent and answered in it, where that is asked for. */
  readonly entries: Archive['log']['entries']
}

/** Sees every world of an emulator, those included that do not live to the end. */
export interface Witness {
  /** All that were used, in the order of their ends. To be called once, at the end. */
  worlds(): SeenWorld[]
}

export function watchWorlds(emulator: Pick<Emulator, 'onWorldEnd' | 'worlds'>, withArchives: boolean): Witness {
  const seen = (world: PastWorld, isOver: boolean): SeenWorld => ({
    name: world.name,
    isOver,
    requests: world.coverage().requests,
    dropped: world.dropped,
    findings: world.review(),
    entries: withArchives ? world.har().log.entries : [],
  })
  const past: SeenWorld[] = []
  const end = emulator.onWorldEnd((world) => past.push(seen(world, true)))
  return {
    worlds() {
      end()
      return [...past, ...emulator.worlds().map((world) => seen(world, false))].filter(({ requests }) => requests > 0)
    },
  }
}

/** Values of headers that were sent, credentials as the journal shows them. */
export const headersSeen = (worlds: readonly SeenWorld[]): string[] =>
  worlds.flatMap(({ entries }) => entries.flatMap(({ request }) => request.headers.map(({ value }) => value)))

/** The archives of all worlds as one, in the order of time; `frame` is any of the same emulator. */
export function joined(worlds: readonly SeenWorld[], { log }: Archive): Archive {
  const entries = worlds
    .flatMap((world) => world.entries)
    .sort((one, other) => one.startedDateTime.localeCompare(other.startedDateTime))
  return { log: { ...log, entries } }
}
