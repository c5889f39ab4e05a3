import { hash } from 'node:crypto'
import type { WholeEntryView } from '../src/journal/view.ts'

/** As the journal writes it in place of a credential. */
const shortHash = (secret: string): string => `sha256:${hash('sha256', secret).slice(0, 12)}`

/** What is shorter is a word like any other. */
const word = /[\x21-\x7e]{8,}/g
/** What stands around a credential, or within one that is written in base64: both are tried. */
const around = /^["'`<>()[\]{},;:.!=]+|["'`<>()[\]{},;:.!]+$/g
const between = [/["'`<>()[\]{},;|\\]+/, /["'`<>()[\]{},;|\\&?=:/]+/]

/**
 * Answers what takes credentials out of whatever a client says. It knows them by their hashes alone, which the journal
 * keeps, and a word by its hash.
 *
 * @param entries of all runs, for a client may say what it only sends in another
 */
export function hidingCredentials(entries: readonly WholeEntryView[]): (text: string) => string {
  const headers = new Set(entries.flatMap(({ requestHeaders }) => Object.values(requestHeaders)))
  const known = new Set([...headers].flatMap((value) => value.match(/sha256:[0-9a-f]{12}/g) ?? []))
  const within = (written: string): string => {
    const parts = [written, written.replace(around, ''), ...between.flatMap((mark) => written.split(mark))]
    const secret = parts.find((part) => part.length >= 8 && known.has(shortHash(part)))
    return secret === undefined ? written : within(written.replaceAll(secret, shortHash(secret)))
  }
  return (text) => text.replace(word, within)
}
