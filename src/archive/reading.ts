import { hash } from 'node:crypto'
import { ArchiveHead, archiveFormat } from '../../schemas/archive.ts'
import { parseExactly } from '../http/json.ts'
import { compileDefect } from '../http/validation.ts'
import { currentImage } from '../store/foreign-image.ts'
import type { Image } from '../store/image.ts'
import type { WorldArchive } from '../world/archive.ts'
import type { Fault } from '../world/fault.ts'
import { settingsOf } from '../world/world-settings.ts'
import { requireHeadBound, requireImageBound } from './bounds.ts'
import { ArchiveUnusable } from './unusable.ts'

const newline = 0x0a

/** Reads an archive as it comes, piece by piece; no piece is kept that is not a part of it. */
export class ArchiveReader {
  #beginning: Buffer[] = []
  #beginningBytes = 0
  #head: ArchiveHead | undefined
  #places: readonly ArchiveHead['image'][] = []
  readonly #images: Image[] = []
  /** How many bytes there are of the last image so far. */
  #filled = 0

  /** @throws ArchiveUnusable */
  push(piece: Buffer): void {
    if (this.#head) this.#fill(piece)
    else this.#begin(piece)
  }

  /** What was read, whole. @throws ArchiveUnusable */
  end(): WorldArchive {
    const head = this.#head
    if (head === undefined) throw new ArchiveUnusable('the archive ends within its first line')
    if (this.#images.length < this.#places.length || this.#filled < Number(this.#places.at(-1)?.bytes)) {
      throw new ArchiveUnusable('the archive ends too early; it is not whole')
    }
    const [image, ...snapshots] = this.#images.map((one, index) => soundImage(one, index, head))
    return archiveIn(head, image as Image, snapshots) // there is a place for at least one
  }

  #begin(piece: Buffer): void {
    if (this.#beginningBytes === 0) requireJsonIn(piece)
    const end = piece.indexOf(newline)
    this.#beginning.push(end < 0 ? piece : piece.subarray(0, end))
    this.#beginningBytes += end < 0 ? piece.length : end
    requireHeadBound(this.#beginningBytes)
    if (end < 0) return
    this.#head = headOf(Buffer.concat(this.#beginning).toString())
    this.#places = placesIn(this.#head)
    this.#beginning = []
    this.#fill(piece.subarray(end + 1))
  }

  #fill(piece: Buffer): void {
    let rest = piece
    while (rest.length > 0) rest = rest.subarray(this.#take(rest))
  }

  /** Says how much it took. */
  #take(piece: Buffer): number {
    if (this.#filled === this.#images.at(-1)?.length || this.#images.length === 0) {
      const next = this.#places[this.#images.length]
      if (next === undefined) throw new ArchiveUnusable('the archive goes on after its last image')
      this.#images.push(Buffer.allocUnsafe(next.bytes))
      this.#filled = 0
    }
    const taken = Number(this.#images.at(-1)?.length) - this.#filled
    const copied = piece.copy(this.#images.at(-1) as Buffer, this.#filled, 0, taken) // just made, if there was none
    this.#filled += copied
    return copied
  }
}

/** An archive that is at hand, or is read as it is taken. @throws ArchiveUnusable */
export function readArchive(pieces: Iterable<Buffer>): WorldArchive {
  const reader = new ArchiveReader()
  for (const piece of pieces) reader.push(piece)
  return reader.end()
}

/** Of the world's image, then of those of its snapshots. */
const placesIn = ({ image, snapshots }: ArchiveHead): ArchiveHead['image'][] => [
  image,
  ...snapshots.map((snapshot) => snapshot.image),
]

const defectOf = compileDefect(ArchiveHead, 'archive')

function headOf(text: string): ArchiveHead {
  const head = parsed(text)
  const { format, emulator } = Object(head)
  if (Number.isInteger(format) && format > archiveFormat) {
    const by = `${emulator}`.slice(0, 30)
    throw new ArchiveUnusable(
      `the archive was written by a newer emulator, ${by} (format ${format}, this one knows ${archiveFormat}); use that one`,
    )
  }
  const defect = defectOf(head)
  if (defect !== undefined) throw new ArchiveUnusable(defect)
  const sound = head as ArchiveHead // which was just checked
  requireImageBound(placesIn(sound))
  return sound
}

const noArchive = 'the archive begins with no line of JSON; it is no archive of a world'

/** What begins as no JSON does is not read on, in search of the end of a line. */
function requireJsonIn(beginning: Buffer): void {
  if (!/^[{["\s\dtfn-]|^$/.test(beginning.toString('utf8', 0, 3))) throw new ArchiveUnusable(noArchive)
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text, 'ignore')
  } catch {
    throw new ArchiveUnusable(noArchive)
  }
}

function soundImage(image: Image, index: number, head: ArchiveHead): Image {
  const which = index === 0 ? 'the image of the archive' : `the image of snapshot ${head.snapshots[index - 1]?.label}`
  if (hash('sha256', image) !== placesIn(head)[index]?.sha256) {
    throw new ArchiveUnusable(`${which} was changed on its way: its digest is another`)
  }
  try {
    return currentImage(image)
  } catch (error) {
    throw new ArchiveUnusable(`${which} ${Object(error).message}`, { cause: error })
  }
}

function archiveIn(head: ArchiveHead, image: Image, images: readonly Image[]): WorldArchive {
  const {
    name,
    archivedAt,
    createdAt,
    settings,
    clock,
    instant,
    snapshots,
    faults,
    journal,
    unkindness,
    coverage,
    works,
  } = head
  requireOrder(journal)
  return {
    name,
    archivedAt,
    createdAt,
    settings: settingsOf(settings) as WorldArchive['settings'], // all of them are there
    clock,
    instant,
    image,
    snapshots: snapshots.map(({ label, image: _, ...snapshot }, index) => {
      return [label, { ...snapshot, image: images[index] as Image }] // there is one for each
    }),
    faults: { ...faults, faults: faults.faults as Fault[] }, // whoever lets strangers hand in archives checks them
    journal,
    unkindness,
    coverage,
    works,
  }
}

/** Ids of entries only ever grow. */
function requireOrder({ entries, nextId }: ArchiveHead['journal']): void {
  const ids = [...entries.map(({ id }) => id), nextId]
  const wrong = ids.findIndex((id, index) => index > 0 && id <= Number(ids[index - 1]))
  if (wrong > 0) throw new ArchiveUnusable(`archive/journal: id ${ids[wrong]} does not come after the one before it`)
}
