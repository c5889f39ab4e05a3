import { quoted, visible } from '../cli/visible.ts'
import type { Evidence } from './evidence.ts'

/** Headers that curl writes itself. */
const own = new Set(['host', 'content-length', 'connection'])

/** How far from the answer's time an `X-Date` may lie for it to be the time of the call, in milliseconds. */
const honestMillis = 60_000

/** A request as a line for a shell, with the token taken from `$KOODRIVE_TOKEN` and the time from the clock. */
export function curlOf(evidence: Evidence): string {
  const { method, url, headers, body } = evidence.request
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    own.has(name) ? [] : [value ?? []].flat().map((one) => `-H ${headerOf(name, `${one}`, evidence)}`),
  )
  // Without it, curl would send the type of a form.
  const silence = body !== '' && headers['content-type'] === undefined ? ["-H 'content-type:'"] : []
  const sent = body === '' ? [] : [`--data-binary ${quoted(body)}`]
  return ['curl -i', ...(method === 'GET' ? [] : ['-X', method]), quoted(url), ...lines, ...silence, ...sent].join(' ')
}

function headerOf(name: string, value: string, evidence: Evidence): string {
  if (value === 'Bearer ***') return '"authorization: Bearer $KOODRIVE_TOKEN"'
  if (name === 'x-date' && isTimeOfCall(value, evidence)) return '"x-date: $(date -u +%Y%m%dT%H%M%SZ)"'
  return quoted(value === '' ? `${name};` : `${name}: ${value}`)
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
