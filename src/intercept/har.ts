import { version } from '../package.ts'
import type { Entry } from './entry.ts'

const nameAndValue = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers).map(([name, value]) => ({ name, value }))

const textOf = (body: unknown): string => (typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body))

/** The entries as an HTTP archive (HAR 1.2), for the tools that read one. */
export const harOf = (entries: readonly Entry[], base: string) => ({
  log: {
    version: '1.2',
    creator: { name: 'koodrive-backup-emulator', version },
    entries: entries.map((entry) => ({
      startedDateTime: entry.wallTime,
      time: entry.durationMs,
      request: requestOf(entry, base),
      response: responseOf(entry),
      cache: {},
      timings: { send: 0, wait: entry.durationMs, receive: 0 },
      comment: [entry.operation, entry.reason, entry.fault].filter(Boolean).join(' - '),
    })),
  },
})

function requestOf({ method, path, requestHeaders, requestBody }: Entry, base: string) {
  const url = path.startsWith('/') ? `${base}${path}` : path
  const text = textOf(requestBody)
  const postData = { mimeType: requestHeaders['content-type'] ?? 'application/json', text }
  return {
    method,
    url,
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: nameAndValue(requestHeaders),
    queryString: [...new URLSearchParams(path.split('?')[1] ?? '')].map(([name, value]) => ({ name, value })),
    headersSize: -1,
    bodySize: Buffer.byteLength(text),
    ...(text === '' ? {} : { postData }),
  }
}

function responseOf({ status, responseBody, reason, fault }: Entry) {
  const text = textOf(responseBody)
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-emulator-reason': reason,
    'x-emulator-fault': fault,
  }
  const sent = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [{ name, value }]))
  return {
    status: status ?? 0,
    statusText: '',
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: status === null ? [] : sent,
    content: { size: Buffer.byteLength(text), mimeType: 'application/json', text },
    redirectURL: '',
    headersSize: -1,
    bodySize: Buffer.byteLength(text),
  }
}
