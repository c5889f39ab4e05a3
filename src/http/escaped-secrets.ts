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

/** A part of a text, from its first character up to before its end. */
interface Span {
  readonly start: number
  readonly end: number
}

/** Each escape in a text: where it begins and ends, and what it stands for. */
function* escapesIn(text: string, pattern: RegExp): Generator<Span & { readonly plain: string }> {
  for (const { 0: sequence, 1: unit, 2: after, 3: byte, index } of text.matchAll(pattern))
    yield { start: index, end: index + sequence.length, plain: unescaped(sequence, unit, after, byte) }
}

/** So many pieces of a text are put together at a time: there may be millions of them. */
const batch = 10_000

function foldedOnce(text: string, pattern: RegExp): string {
  let [whole, pieces, at]: [string[], string[], number] = [[], [], 0]
  for (const { start, end, plain } of escapesIn(text, pattern)) {
    if (pieces.push(text.slice(at, start), plain) >= batch) [whole, pieces] = [[...whole, pieces.join('')], []]
    at = end
  }
  return [...whole, ...pieces, text.slice(at)].join('')
}

/** A text, and what becomes of it by folding until nothing is escaped: a percent sign may have been so itself. */
function foldings(text: string, pattern: RegExp): string[] {
  const texts = [text, foldedOnce(text, pattern)]
  for (let last = String(texts[1]); last !== texts.at(-2) && last.includes('%'); texts.push(last))
    last = foldedOnce(last, escapes)
  return texts
}

const fold = (text: string, pattern: RegExp): string => String(foldings(text, pattern).at(-1))

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

/** Where characters of a folded text stood before it was folded once. @param places ascending */
function unfolded(places: readonly number[], text: string, pattern: RegExp): Span[] {
  const spans: Span[] = []
  let [place, folded, whole] = [0, 0, 0]
  const takeUpTo = (end: number, spanOf: (place: number) => Span) => {
    for (; place < places.length && Number(places[place]) < end; place += 1) spans.push(spanOf(Number(places[place])))
  }
  const asItWas = (at: number) => ({ start: at - folded + whole, end: at - folded + whole + 1 })
  for (const { start, end, plain } of escapesIn(text, pattern)) {
    takeUpTo(folded + start - whole, asItWas)
    folded += start - whole + plain.length
    whole = end
    takeUpTo(folded, () => ({ start, end }))
  }
  takeUpTo(Number.POSITIVE_INFINITY, asItWas)
  return spans
}

function replaced(whole: string, { text: secret, substitute }: Folded, pattern: RegExp): string {
  const texts = foldings(whole, pattern)
  const places = edgesOf(secret, String(texts.pop()))
  const spans = texts.reduceRight<Span[]>(
    (later, text, step) =>
      unfolded(
        later.map(({ start, end }, index) => (index % 2 === 0 ? start : end - 1)),
        text,
        step === 0 ? pattern : escapes,
      ),
    places.map((place) => ({ start: place, end: place + 1 })),
  )
  let [result, at] = ['', 0]
  for (let index = 0; index < spans.length; index += 2) {
    result += whole.slice(at, spans[index]?.start) + substitute
    at = Number(spans[index + 1]?.end)
  }
  return result + whole.slice(at)
}

/** The first and the last character of each place where a text has this in it, by turns. */
function edgesOf(part: string, text: string): number[] {
  const places: number[] = []
  for (let found = text.indexOf(part); found >= 0; found = text.indexOf(part, found + part.length))
    places.push(found, found + part.length - 1)
  return places
}
