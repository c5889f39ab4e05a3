import { hash } from 'node:crypto'
import { parseId } from '../store/snowflake.ts'

const proofLength = 16

/** Ties a position to the list it was made for; not a secret, only proof against mix-ups and guesses. */
const proofOf = (list: readonly string[], position: string): string =>
  hash('sha256', JSON.stringify([...list, position]), 'base64url').slice(0, proofLength)

/** DEC-28: opaque marks of how far a list was read. They hold all they need, and so outlive a restart. */
export interface Cursors {
  /**
   * @param list names the operation, the user and the filters
   * @param position the last id of the page, or of the one before where it is empty
   * @param isAgain whether the page is empty, so that the position is that of the cursor before
   */
  seal(list: readonly string[], position: string, isAgain?: boolean): string
  /** The position in a cursor that was made for this very list, otherwise `undefined`. */
  open(list: readonly string[], cursor: string): bigint | undefined
}

/** Stands before the position in a cursor that came with an empty page. */
const again = '_'

export const cursors: Cursors = {
  seal(list, position, isAgain = false) {
    const mark = isAgain ? again : ''
    return proofOf(list, mark + position) + mark + BigInt(position).toString(36)
  },
  open(list, cursor) {
    const isAgain = cursor[proofLength] === again
    const position = positionIn(cursor.slice(proofLength + (isAgain ? again.length : 0)))
    return position !== undefined && cursors.seal(list, String(position), isAgain) === cursor ? position : undefined
  },
}

function positionIn(digits: string): bigint | undefined {
  if (digits === '-1') return -1n // before every id
  if (!/^[0-9a-z]{1,13}$/.test(digits)) return undefined
  return parseId(String([...digits].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n)))
}

const joints = { usual: '+/', again: '/+' } as const

/** Of unkind worlds: the same, with characters that a query must encode. */
export const unkindCursors: Cursors = {
  seal(list, position, isAgain = false) {
    const kind = cursors.seal(list, position)
    return `${kind.slice(0, proofLength)}${isAgain ? joints.again : joints.usual}${kind.slice(proofLength)}=`
  },
  open(list, cursor) {
    const [, proof, position] = /^(.{16})(?:\+\/|\/\+)([0-9a-z-]+)=$/.exec(cursor) ?? []
    return proof === undefined ? undefined : cursors.open(list, `${proof}${position}`)
  },
}

/** Whether a cursor of an unkind world came with an empty page. */
export const isAfterEmptyPage = (cursor: string): boolean =>
  [again, joints.again].some((mark) => cursor.startsWith(mark, proofLength))
