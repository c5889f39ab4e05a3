import { curlParts } from '../cli/curl.ts'
import { quoted, visible } from '../cli/visible.ts'
import type { Evidence } from './evidence.ts'

/** Headers that curl writes itself. */
const own = new Set(['host', 'content-length', 'connection'])

/** How far from the answer's time an `X-Date` may lie for it to be the time of the call, in milliseconds. */
const honestMillis = 60_000

/** A request as a line for a shell, with the token taken from `$KOODRIVE_TOKEN` and the time from the clock. */
export function curlLine(evidence: Evidence): string {
  const { headers, ...rest } = evidence.request
  const sent = Object.entries(headers).flatMap(([name, value]) =>
    own.has(name) ? [] : [value ?? []].flat().map((one) => [name, `${one}`] as const),
  )
  return ['curl -i', ...curlParts({ ...rest, headers: sent }, quoted, wordFor(evidence))].join(' ')
}

const wordFor =
  (evidence: Evidence) =>
  (name: string, value: string): string | undefined => {
    if (value === 'Bearer ***') return '"authorization: Bearer $KOODRIVE_TOKEN"'
    return name === 'x-date' && isTimeOfCall(value, evidence) ? '"x-date: $(date -u +%Y%m%dT%H%M%SZ)"' : undefined
  }

function isTimeOfCall(date: string, { response }: Evidence): boolean {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  const sent = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const received = 'headers' in response ? Date.parse(response.headers.date ?? '') : Number.NaN
  return received - sent >= 0 && received - sent <= honestMillis
}

/** An answer, or its absence, as a line. */
export const answerLine = ({ response }: Evidence): string =>
  visible('error' in response ? `no answer: ${response.error}` : `HTTP ${response.status} ${response.body}`.trim())
