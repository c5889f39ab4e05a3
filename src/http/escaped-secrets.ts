/*
 * Secrets in a text that was escaped, perhaps more than once, and each character in another way. Text and secret are folded:
 * whatever a character may be written as becomes that character, so that one is to be found in the other as it stands. A
 * pattern of a secret would not do: one of a few thousand characters is more than patterns can hold.
 */

/** A percent-encoding of one of these bytes in hexadecimal, encoded itself as often as one likes. */
export const encoded = (bytes: string): string => `%(?:25)*${bytes}`

/** Characters after backslashes, which JSON adds as deep as it is nested; percent-encoded bytes. */
const escapes = new RegExp(`\\\\+(?:u([\\da-f]{4})|([^]))?|${encoded('([\\da-f]{2})')}`, 'gi')
/** The same, and characters of which UTF-8 makes more than one byte. */
const escapesAndWide = new RegExp(`${escapes.source}|[\\u0080-\\uffff]`, 'gi')

const isWide = (text: string): boolean => /[\u0080-\uffff]/.test(text)

/** Few texts have anything that is escaped. */
const mayBeEscaped = (text: string): boolean => text.includes('%') || text.includes('\\')

/** What is not ASCII, as its bytes in UTF-8; backslashes count for nothing. */
function plain(character: string): string {
  if (character === '\\') return ''
  return isWide(character) ? Buffer.from(character).toString('latin1') : character
}

/** What an escape stands for. */
function unescaped(sequence: string, unit?: string, after?: string, byte?: string): string {
  const code = Number.parseInt(unit ?? byte ?? '', 16)
  if (byte !== undefined && code > 0x7f) return String.fromCharCode(code)
  if (!Number.isNaN(code)) return plain(String.fromCharCode(code))
  return plain(after ?? (sequence[0] === '\\' ? '' : sequence))
}

/** Folds until nothing is escaped: a percent sign may have been so itself. */
function fold(text: string, pattern: RegExp): string {
  let [before, now] = [text, text.replace(pattern, unescaped)]
  while (now !== before && now.includes('%')) [before, now] = [now, now.replace(escapes, unescaped)]
  return now
}

/** A secret as it is looked for among what is escaped, and what takes its place. */
export interface Folded {
  readonly text: string
  readonly isWide: boolean
  readonly substitute: string
}

export const folded = (text: string, substitute: string): Folded => ({
  text: fold(text, escapesAndWide),
  isWide: isWide(text),
  substitute,
})

/** Puts a substitute where a text has one of these secrets escaped. */
export function withoutEscaped(text: string, secrets: readonly Folded[]): string {
  if (!mayBeEscaped(text)) return text
  const pattern = secrets.some(({ isWide }) => isWide) ? escapesAndWide : escapes
  const whole = fold(text, pattern)
  // In almost all, no secret is to be found.
  return secrets
    .filter((secret) => whole.includes(secret.text))
    .reduce((rest, one) => replaced(rest, one, pattern), text)
}

/** A text that is being folded, and where each of its characters began and ended in the whole. */
interface Traced {
  readonly text: string
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

function traced(text: string, pattern: RegExp): Traced {
  const places = Array.from({ length: text.length }, (_, place) => place)
  let before: Traced = { text, starts: places, ends: places.map((place) => place + 1) }
  let now = foldedOnce(before, pattern)
  while (now.text !== before.text && now.text.includes('%')) [before, now] = [now, foldedOnce(now, escapes)]
  return now
}

function foldedOnce({ text, starts, ends }: Traced, pattern: RegExp): Traced {
  const now = { text: '', starts: [] as number[], ends: [] as number[] }
  const add = (characters: string, from: number, to: number) => {
    now.text += characters
    for (const _ of characters) {
      now.starts.push(Number(starts[from]))
      now.ends.push(Number(ends[to - 1]))
    }
  }
  let at = 0
  const addUpTo = (end: number) => {
    for (; at < end; at += 1) add(text.charAt(at), at, at + 1)
  }
  for (const { 0: sequence, index, ...groups } of text.matchAll(pattern)) {
    addUpTo(index)
    at += sequence.length
    add(unescaped(sequence, groups[1], groups[2], groups[3]), index, at)
  }
  addUpTo(text.length)
  return now
}

function replaced(whole: string, { text: secret, substitute }: Folded, pattern: RegExp): string {
  const { text, starts, ends } = traced(whole, pattern)
  let [result, at] = ['', 0]
  for (let found = text.indexOf(secret); found >= 0; ) {
    const after = found + secret.length
    result += whole.slice(at, starts[found]) + substitute
    at = Number(ends[after - 1])
    found = text.indexOf(secret, after)
  }
  return result + whole.slice(at)
}
