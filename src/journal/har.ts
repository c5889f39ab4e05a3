import type { Archive } from '../../schemas/har.ts'
import { name, version } from '../process/package.ts'
import { isoInstant } from '../store/snowflake.ts'
import type { Entry, KeptBody } from './entry.ts'

/** The entries as an HTTP archive, for the tools that read one: what went over the wire, and -1 for what is not known of it. */
export const harOf = (entries: readonly Entry[], base: string): Archive => ({
  log: {
    version: '1.2',
    creator: { name, version },
    entries: entries.map((entry) => ({
      startedDateTime: isoInstant(entry.wallTime),
      time: entry.durationMs,
      request: requestOf(entry, base),
      response: responseOf(entry),
      cache: {},
      timings: { send: 0, wait: entry.durationMs, receive: 0 },
      comment: [entry.operation, entry.reason, entry.fault, entry.delivered ? '' : 'not delivered whole']
        .filter(Boolean)
        .join(' - '),
    })),
  },
})

function requestOf(entry: Entry, base: string) {
  const { method, path, query, httpVersion = '1.1', requestHeaders, requestBody, requestSize } = entry
  const headers = pairsOf(requestHeaders)
  const mimeType = headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? 'application/json'
  return {
    method,
    url: path.startsWith('/') ? `${base}${path}` : path,
    httpVersion: httpVersion && `HTTP/${httpVersion}`,
    cookies: [],
    headers,
    queryString: query.map(([name, value]) => ({ name, value })),
    headersSize: -1,
    bodySize: requestSize,
    ...(requestBody.text === '' ? {} : { postData: { mimeType, text: requestBody.text, ...remarkOn(requestBody) } }),
  }
}

function responseOf(entry: Entry) {
  const { status, responseHeaders, responseBody, delivered } = entry
  const size = responseSize(entry)
  return {
    status: Number(status), // 0 where none came
    statusText: '',
    httpVersion: 'HTTP/1.1', // whatever it came with, Node answers so
    cookies: [],
    headers: Object.entries(responseHeaders).map(([name, value]) => ({ name, value: String(value) })),
    content: {
      size,
      mimeType: String(responseHeaders['content-type'] ?? ''),
      text: responseBody.text,
      ...remarkOn(responseBody),
    },
    redirectURL: String(responseHeaders['location'] ?? ''),
    headersSize: -1,
    bodySize: delivered ? size : -1,
  }
}

/** What was announced, if it was: in what is kept, secrets are taken out. */
function responseSize({ method, responseHeaders, responseBody: { text, cut } }: Entry): number {
  if (method === 'HEAD') return 0
  return Number(responseHeaders['content-length'] ?? cut?.bytes ?? Buffer.byteLength(text))
}

function pairsOf(lines: readonly string[]): { readonly name: string; readonly value: string }[] {
  return lines.flatMap((name, index) => (index % 2 === 0 ? [{ name, value: String(lines[index + 1]) }] : []))
}

function remarkOn({ cut, isBinary }: KeptBody): { readonly comment?: string; readonly encoding?: string } {
  const comment = cut && { comment: `the beginning of ${cut.bytes} bytes, whose SHA-256 is ${cut.sha256}` }
  return { ...comment, ...(isBinary && { encoding: 'base64' }) }
}
