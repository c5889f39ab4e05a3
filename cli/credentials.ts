import { shortHash } from '../src/http/short-hash.ts'

/** What is shorter is a word like any other. */
const word = /[\x21-\x7e]{8,}/g
/** What stands around a credential, or within one that is written in base64: both are tried. */
const around = /^["'`<>()[\]{},;:.!=]+|["'`<>()[\]{},;:.!]+$/g
const between = [/["'`<>()[\]{},;|\\]+/, /["'`<>()[\]{},;|\\&?=:/]+/]

/**
 * Answers what takes credentials out of whatever a client says. It knows them by their hashes alone, which the journal
 * keeps, and a word by its hash.
 *
 * @param headers values as the journal shows them, of all runs: a client may say what it only sends in another
 */
export function hidingCredentials(headers: readonly string[]): (text: string) => string {
  const known = new Set([...new Set(headers)].flatMap((value) => value.match(/sha256:[0-9a-f]{12}/g) ?? []))
  const within = (written: string): string => {
    const parts = [written, written.replace(around, ''), ...between.flatMap((mark) => written.split(mark))]
    const secret = parts.find((part) => part.length >= 8 && known.has(shortHash(part)))
    return secret === undefined ? written : within(written.replaceAll(secret, shortHash(secret)))
  }
  return (text) => text.replace(word, within)
}
