import { hash } from 'node:crypto'
import { parseId } from '../store/snowflake.ts'

const proofLength = 16

/** Ties a position to the list it was made for; not a secret, only proof against mix-ups and guesses. */
const proofOf = (list: readonly string[], position: string): string =>
  hash('sha256', JSON.stringify([...list, position]), 'base64url').slice(0, proofLength)

/** DEC-28: opaque marks of how far a list was read. They hold all they need, and so outlive a restart. */
export const cursors = {
  /** @param list names the operation, the user and the filters @param position the last id of the page */
  seal: (list: readonly string[], position: string): string => proofOf(list, position) + BigInt(position).toString(36),
  /** The position in a cursor that was made for this very list, otherwise `undefined`. */
  open(list: readonly string[], cursor: string): bigint | undefined {
    const digits = cursor.slice(proofLength)
    if (!/^[0-9a-z]{1,13}$/.test(digits)) return undefined
    const position = [...digits].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n)
    return cursors.seal(list, String(position)) === cursor ? parseId(String(position)) : undefined
  },
}
