import type { Readable } from 'node:stream'
import type { FaultRequest } from '../../schemas/control-faults.ts'
import { Seed } from '../../schemas/seed.ts'
import { ArchiveReader, readArchive } from '../archive/reading.ts'
import { ArchiveUnusable } from '../archive/unusable.ts'
import { archiveFile, scrubbed } from '../archive/writing.ts'
import { compileDefect } from '../http/validation.ts'
import type { WorldArchive } from '../world/archive.ts'
import { archiveOf, seedIn } from '../world/archive.ts'
import { mistakeIn } from '../world/seed-check.ts'
import type { World } from '../world/world.ts'
import { checkFault } from './fault-check.ts'
import { Problem } from './problem.ts'

/** A world as a file that somebody is handed. */
export class ArchiveFile {
  /** What it may be called. */
  readonly name: string
  readonly pieces: readonly Buffer[]

  /** @throws Problem 409 where it would be too large to be adopted again */
  constructor(world: World, secrets: boolean) {
    this.name = `${world.name}.kwa`
    const archive = archiveOf(world)
    try {
      this.pieces = archiveFile(secrets ? archive : scrubbed(archive), secrets)
    } catch (error) {
      throw asProblem(error, 409)
    }
  }

  get bytes(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0)
  }
}

/** An archive as it arrives. @throws Problem 400 */
export async function archiveFrom(stream: Readable): Promise<WorldArchive> {
  const reader = new ArchiveReader()
  try {
    for await (const piece of stream) reader.push(piece)
    return reader.end()
  } catch (error) {
    throw asProblem(error)
  }
}

/** An archive that is at hand. @throws Problem 400 */
export function archiveIn(file: Uint8Array): WorldArchive {
  // By its name: that of a test in a realm of its own, as jest runs them, is no instance of ours.
  if (Object.prototype.toString.call(file) !== '[object Uint8Array]')
    throw new Problem(400, 'the archive is no Uint8Array; expected the bytes of its file')
  try {
    return readArchive([Buffer.from(file)])
  } catch (error) {
    throw asProblem(error)
  }
}

const asProblem = (error: unknown, status = 400): unknown =>
  error instanceof ArchiveUnusable ? new Problem(status, error.message) : error

const seedDefect = compileDefect(Seed, 'the seed of the archive')

/** What the form of an archive cannot say: it may have been written by anybody. @throws Problem 400 */
export function requireAdoptable(archive: WorldArchive): void {
  for (const { id, matched: _, hits: __, paused: ___, refused: ____, ...fault } of archive.faults.faults) {
    try {
      checkFault(fault as FaultRequest, archive.settings) // which is what is checked
    } catch (error) {
      throw new Problem(400, `the fault ${id} of the archive: ${Object(error).message}`)
    }
  }
  const seed = seedIn(archive)
  const defect = seedDefect(seed) ?? mistakeIn(seed as Seed) // whose form was just checked
  if (defect !== undefined) throw new Problem(400, defect)
}
