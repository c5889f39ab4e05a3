import { encoded } from './escaped-secrets.ts'
import { hashed, isSecretName, plainly, withoutValues } from './secret-names.ts'

const equals = new RegExp(`=|${encoded('3d')}`, 'gi')
/** Longer names are known by their ends. */
const longestName = 1000

/** Takes secrets out of parameters in a query, a form or a cookie, also in an address that is encoded within another. */
export function withoutParameters(text: string): string {
  const ends = /^\s*[{["]/.test(text) ? endsInJson : endsInQuery
  return withoutValues(text, equals, ({ 0: { length }, index }, start, from) =>
    isSecretName(nameBefore(text, Math.max(from, index - longestName), index))
      ? hashed(text, start, parameterEnd(text, start, length, ends))
      : undefined,
  )
}

const isEdge = (character: string): boolean => '?&;#"'.includes(character)
const isSpace = (character: string): boolean => ' \t\r\n'.includes(character)

/** The name of a parameter that ends at a place; `""` where there is none: words of a sentence and folders of a path are none. */
function nameBefore(text: string, from: number, end: number): string {
  let start = end
  while (start > from && !isEdge(text.charAt(start - 1)) && !isSpace(text.charAt(start - 1))) start -= 1
  let before = start
  while (before > from && isSpace(text.charAt(before - 1))) before -= 1
  const isFirst = before === from || isEdge(text.charAt(before - 1)) || text.slice(before, start).includes('\n')
  const [name = ''] = plainly(text.slice(start, end))
    .split(/[?&;#"]/)
    .slice(-1)
  return isFirst && !name.includes('/') ? name : ''
}

const endsInQuery = new RegExp(`[&#\\s]|${encoded('26')}`, 'gi')
/** A text of JSON ends by its quote, whatever stands in it. */
const endsInJson = new RegExp(`[&#\\s]|"(?=\\s*(?:[,:}\\]\\\\]|$))|${encoded('26')}`, 'gi')

/** @param depth how long what stands for the equals sign is: what is encoded oftener is a part of the value */
function parameterEnd(text: string, start: number, depth: number, ends: RegExp): number {
  ends.lastIndex = start
  let found = ends.exec(text)
  while (found?.[0].startsWith('%') && found[0].length > depth) found = ends.exec(text)
  let end = found?.index ?? text.length
  if (found?.[0] === '"') while (end > start && text[end - 1] === '\\') end -= 1
  return end
}
