import { largestArchive, largestHead } from '../../schemas/archive.ts'
import { ArchiveUnusable } from './unusable.ts'

/** What is larger is not read, and so is not written either. @param bytes of the first line @throws ArchiveUnusable */
export function requireHeadBound(bytes: number): void {
  if (bytes > largestHead) {
    throw new ArchiveUnusable(
      `the archive has a first line of more than ${largestHead} bytes, most of it the journal; clear that of its world first`,
    )
  }
}

/** @param places of the images @throws ArchiveUnusable */
export function requireImageBound(places: readonly { readonly bytes: number }[]): void {
  if (places.reduce((sum, { bytes }) => sum + bytes, 0) > largestArchive) {
    throw new ArchiveUnusable(
      `the archive is larger than ${largestArchive} bytes, ${places.length - 1} snapshots included; delete some of its world first`,
    )
  }
}
