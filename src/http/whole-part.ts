import type { IncomingHttpHeaders } from 'node:http'
import type { StoreRefusal } from '../uploads/store-errors.ts'
import { isPlain } from './body.ts'

/**
 * DEC-41: a body is the bytes of a whole part; nothing that says otherwise may be stored as if it were.
 *
 * @returns why it is none
 */
export function requireWholePart(headers: IncomingHttpHeaders): StoreRefusal | undefined {
  const { 'content-range': range, 'content-encoding': coding, 'content-type': type = '' } = headers
  if (range !== undefined) return invalid('content-range: a part is taken whole; send all of it in one PUT without it')
  if (!isPlain(coding)) {
    return invalid('content-encoding: the bytes are stored as they come; send those of the file, uncoded')
  }
  if (/^\s*multipart\//i.test(type)) {
    return invalid('content-type is multipart; send the bytes of the part alone, without a form around them')
  }
  return undefined
}

const invalid = (sentence: string): StoreRefusal => ({ code: 'InvalidRequest', reason: `${sentence} [DEC-41]` })
