import type { WorldArchive } from './archive.ts'

/** Where worlds are kept while they are in no process. One that was taken out is in nobody else's hands. */
export interface Parking {
  /**
   * Takes a world out, which stays there where it cannot be taken up.
   *
   * @param takeUp makes a world of what was kept
   * @returns `undefined` where none of this name is there, or none that can be taken
   */
  take<Taken>(name: string, takeUp: (archive: WorldArchive) => Taken): Taken | undefined
  /** Why a world that is there cannot be taken, as one sentence; `undefined` where none is there. */
  obstacle(name: string): string | undefined
  /** Says whether the world is kept now; where not, why is logged. */
  park(archive: WorldArchive): boolean
  /** Takes away everything that is kept of a world, so that another may have its name. Says whether there was anything. */
  forget(name: string): boolean
  /** Of the worlds that are there. */
  names(): string[]
  /** Takes away what was kept for too long. Says how many worlds that were. */
  prune(): number
}
