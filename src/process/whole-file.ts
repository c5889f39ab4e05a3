import { closeSync, openSync, readSync } from 'node:fs'

const pieceBytes = 64 * 1024

/**
 * A file, or what comes through a pipe, piece by piece. Of what has no end, such as `/dev/zero`, no more is read than
 * somebody takes.
 *
 * @throws Error of the system
 */
export function* piecesOf(file: string | URL): Generator<Buffer> {
  const descriptor = openSync(file, 'r')
  const piece = Buffer.allocUnsafe(pieceBytes)
  try {
    let bytes = readSync(descriptor, piece)
    while (bytes > 0) {
      yield Buffer.from(piece.subarray(0, bytes))
      bytes = readSync(descriptor, piece)
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Of a file of JSON, in bytes: as much as the control plane takes of a document. */
export const largestJson = 256 * 1024 * 1024

/** Of a file that people write, such as tokens or certificates. */
export const largestNote = 16 * 1024 * 1024

/** All of a file. @throws Error where it has more bytes than this, and of the system */
export function wholeFile(file: string | URL, most: number): Buffer {
  const pieces: Buffer[] = []
  let bytes = 0
  for (const piece of piecesOf(file)) {
    bytes += piece.length
    if (bytes > most) throw new Error(`it has more than ${most} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces, bytes)
}
