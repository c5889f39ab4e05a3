/** Why an archive cannot be used, as a sentence that begins with what it is called: "the archive …". */
export class ArchiveUnusable extends Error {
  override readonly name: string = 'ArchiveUnusable'
}
