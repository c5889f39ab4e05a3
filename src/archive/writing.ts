import { hash } from 'node:crypto'
import type { ArchiveHead } from '../../schemas/archive.ts'
import { archiveFormat } from '../../schemas/archive.ts'
import { jsonOf } from '../http/json.ts'
import { version } from '../process/package.ts'
import { currentSchema } from '../store/foreign-image.ts'
import type { Image } from '../store/image.ts'
import { withoutCredentials } from '../store/image.ts'
import type { WorldArchive } from '../world/archive.ts'
import { writtenSettings } from '../world/world-settings.ts'
import { requireHeadBound, requireImageBound } from './bounds.ts'

/**
 * An archive without tokens and apps: in no row, no snapshot, no seed and no page that deleted rows left behind. Its journal
 * never held a secret.
 */
export function scrubbed(archive: WorldArchive): WorldArchive {
  const clean = (image: Image): Image => withoutCredentials(image, seedWithout)
  return {
    ...archive,
    image: clean(archive.image),
    snapshots: archive.snapshots.map(([label, { image, ...rest }]) => [label, { ...rest, image: clean(image) }]),
  }
}

function seedWithout(seed: string): string {
  const { tokens: _, apps: __, ...rest } = JSON.parse(seed)
  return JSON.stringify(rest)
}

/**
 * An archive as a file: one line of JSON, then the images.
 *
 * @param secrets whether they are in it
 * @throws ArchiveUnusable where it would be too large to be taken up again
 */
export function archiveFile(archive: WorldArchive, secrets: boolean): Buffer[] {
  const { snapshots, image, settings, ...rest } = archive
  requireImageBound([image, ...snapshots.map(([, snapshot]) => snapshot.image)].map(({ length: bytes }) => ({ bytes })))
  const head = {
    format: archiveFormat,
    emulator: version,
    schema: currentSchema,
    ...rest,
    secrets,
    settings: writtenSettings(settings),
    image: placeOf(image),
    snapshots: snapshots.map(([label, { image: one, ...snapshot }]) => ({ label, ...snapshot, image: placeOf(one) })),
  } satisfies Record<keyof ArchiveHead, unknown>
  return [lineOf(head), image, ...snapshots.map(([, snapshot]) => snapshot.image)]
}

function lineOf(head: object): Buffer {
  const line = Buffer.from(`${textOf(head)}\n`)
  requireHeadBound(line.length - 1)
  return line
}

function textOf(head: object): string {
  try {
    return jsonOf(head)
  } catch (error) {
    if (error instanceof RangeError) requireHeadBound(Number.POSITIVE_INFINITY) // longer than any text can be
    throw error
  }
}

const placeOf = (image: Image): ArchiveHead['image'] => ({ bytes: image.length, sha256: hash('sha256', image) })
