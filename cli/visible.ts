/** What a terminal would act upon or not show: controls, marks of direction, halves of characters, foreign line ends. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const unitsOf = (text: string): string[] =>
  Array.from({ length: text.length }, (_, index) => text.charCodeAt(index).toString(16).padStart(4, '0'))

const escaped = (sign: string): string =>
  unitsOf(sign)
    .map((unit) => `\\u${unit}`)
    .join('')

/** A text of the server's as one line that a terminal only shows: whatever else it might do is written as an escape. */
export const visible = (text: string): string => text.replace(unseen, (sign) => short[sign] ?? escaped(sign))

/** The same JSON, of which a terminal shows all; line ends between its values stay. */
export const visibleJson = (json: string): string =>
  json.replace(unseen, (sign) => (sign === '\n' ? sign : escaped(sign)))

/** The same XML; what it has no form for was replaced before. */
export const visibleXml = (xml: string): string =>
  xml.replace(unseen, (sign) => (/[\t\n]/.test(sign) ? sign : `&#x${sign.codePointAt(0)?.toString(16)};`))

/** A text as one word for a shell; in bash's own quotes, byte by byte, what would not be seen in others. */
export function quoted(text: string): string {
  if (visible(text) === text) return `'${text.replaceAll("'", "'\\''")}'`
  const bytes = (sign: string) => Buffer.from(sign).toString('hex').replace(/../g, '\\x$&')
  return `$'${text.replace(/[\\']/g, '\\$&').replace(unseen, bytes)}'`
}

/** A value as JSON, cut short; also one that is nested too deeply to be written. */
export function shownValue(value: unknown): string {
  try {
    const json = JSON.stringify(value) ?? 'absent'
    return json.length > 300 ? `${json.slice(0, 300).toWellFormed()}…` : json
  } catch {
    return 'a value that is nested too deeply to be shown'
  }
}

/** A value that should be a text, as one: not every object has a text of its own. */
export const wordOf = (value: unknown): string => (typeof value === 'string' ? value : shownValue(value))

/** What was thrown and where, in lines of the kit's own: a message may hold the server's words. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return visible(String(error))
  const frames = String(error.stack)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
  return [visible(`${error.name}: ${error.message}`), ...frames].join('\n')
}
