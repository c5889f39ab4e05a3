import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { basePath } from '../schemas/common.ts'
import { contracts } from '../schemas/index.ts'

/** One exchange with the target, as a report shows it. */
export interface Evidence {
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: OutgoingHttpHeaders
    readonly body: string
  }
  readonly response:
    | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
    | { readonly error: string }
}

/** Longer bodies are cut, though not through a character of two units: a report is to be read, by any reader of JSON. */
const longestBody = 4096

const cut = (body: string): string =>
  body.length > longestBody ? `${body.slice(0, longestBody).toWellFormed()}… (${body.length} characters)` : body

/** What is shorter is a word like any other, and hidden only where it stands as a credential. */
const shortestSecret = 8

/** A secret that is a word of the API would garble every answer. */
const ownWords = new Set(JSON.stringify([basePath, Object.values(contracts)]).match(/\w+/g))

const isSearched = (secret: string): boolean => secret.length >= shortestSecret && !ownWords.has(secret)

/** A secret as it is, and as a URL, JSON or base64 writes it. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64 = [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')]
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...base64]
}

/** A text without any of the secrets, but for those that are mere words, and without signatures. */
export function cleanText(text: string, secrets: readonly string[]): string {
  const written = secrets.filter(isSearched).flatMap(formsOf)
  const cleaned = written.reduce((rest, form) => rest.replaceAll(form, '***'), text)
  return cleaned.replace(/(signature=)[0-9a-f]{16,}/gi, '$1***').toWellFormed()
}

/** A plain value with each of its texts changed. */
const withTexts = <Value>(value: Value, change: (text: string) => string): Value =>
  JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? change(part) : part)))

/** A plain value with each of its texts cleaned. */
export const cleaned = <Value>(value: Value, secrets: readonly string[]): Value =>
  withTexts(value, (text) => cleanText(text, secrets))

/** Evidence without secrets: none of these texts, no signature, no cookie, wherever they stand. */
export function withoutSecrets({ request, response }: Evidence, secrets: readonly string[]): Evidence {
  const clean = (text: string) => cut(cleanText(text, secrets))
  return {
    request: {
      method: request.method,
      url: cleanText(request.url, secrets),
      headers: withoutCredential(cleaned(request.headers, secrets), secrets),
      body: clean(request.body),
    },
    response:
      'error' in response
        ? { error: clean(response.error) }
        : { status: response.status, headers: withoutCookies(response.headers, secrets), body: clean(response.body) },
  }
}

/** Even a secret that is a mere word does not stand as a credential. */
function withoutCredential(headers: OutgoingHttpHeaders, secrets: readonly string[]): OutgoingHttpHeaders {
  const { authorization } = headers
  if (authorization === undefined) return headers
  const hide = (word: string) => (secrets.includes(word) ? '***' : word)
  return { ...headers, authorization: withTexts(authorization, (value) => value.replace(/\S+/g, hide)) }
}

const withoutCookies = (headers: IncomingHttpHeaders, secrets: readonly string[]): IncomingHttpHeaders => ({
  ...cleaned(headers, secrets),
  ...(headers['set-cookie'] && { 'set-cookie': ['***'] }),
})
