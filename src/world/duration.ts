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
