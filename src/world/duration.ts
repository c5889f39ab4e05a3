const form = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,3}))?S)?)?$/

const unitMillis = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000]

/**
 * Milliseconds of an ISO 8601 duration from weeks to milliseconds (`PT20M`, `P1DT0.5S`); years and months have no fixed
 * length and are not taken.
 *
 * @returns `undefined` where the text is no such duration
 */
export function durationMillis(text: string): number | undefined {
  const match = form.exec(text)
  if (match === null || text === 'P') return undefined
  const [, ...parts] = match
  const fraction = Number((parts[5] ?? '').padEnd(3, '0'))
  const millis = unitMillis.reduce((sum, unit, index) => sum + unit * Number(parts[index] ?? 0), fraction)
  return Number.isSafeInteger(millis) ? millis : undefined
}

/** The ISO 8601 duration of a span in milliseconds, in hours, minutes and seconds: `PT16M`, `-PT0.5S`, `PT0S`. */
export function formatDuration(millis: number): string {
  const span = Math.abs(millis)
  const hours = Math.floor(span / 3_600_000)
  const minutes = Math.floor((span % 3_600_000) / 60_000)
  const seconds = (span % 60_000) / 1000
  const parts = [hours && `${hours}H`, minutes && `${minutes}M`, seconds && `${seconds}S`].filter(Boolean)
  return `${millis < 0 ? '-' : ''}PT${parts.join('') || '0S'}`
}

/** The same as `durationMillis`, of a duration that may begin with a minus. */
export function signedDurationMillis(text: string): number | undefined {
  const millis = durationMillis(text.replace(/^-/, ''))
  return millis !== undefined && text.startsWith('-') ? -millis : millis
}

/**
 * Unix milliseconds of an instant as people write it, in UTC: `2025-12-17T07:27:27.709Z`, milliseconds optional.
 *
 * @returns `undefined` for a day or hour that does not exist, which `Date.parse` takes for a later one
 */
export function instantMillis(text: string): number | undefined {
  const millis = Date.parse(text)
  const isReal = !Number.isNaN(millis) && new Date(millis).toISOString().slice(0, 19) === text.slice(0, 19)
  return isReal ? millis : undefined
}

/** What is said of a text that is no instant. */
export const noInstantText = 'is no instant of the calendar; expected one such as 2025-12-17T07:27:27.709Z'

/** About a thousand years; what is further off has no date that could be written. */
const longestSpan = 52_000 * 604_800_000

/** What is said of a text that is no duration. */
export const noSpanText = 'is no ISO 8601 duration from weeks to milliseconds; expected one such as PT10M'

/** What keeps a text from being a span that has an end, given what it is in milliseconds; `undefined` where nothing does. */
export function spanDefect(millis: number | undefined): string | undefined {
  if (millis === undefined) return noSpanText
  return Math.abs(millis) <= longestSpan ? undefined : 'is too long; expected at most P52000W'
}
