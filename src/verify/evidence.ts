import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

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

/** A text without any of the secrets, as they are or as a URL or JSON writes them, and without signatures. */
export function cleanText(text: string, secrets: readonly string[]): string {
  const written = secrets.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
  const cleaned = written.reduce((rest, form) => rest.replaceAll(form, '***'), text)
  return cleaned.replace(/(signature=)[0-9a-f]{16,}/gi, '$1***').toWellFormed()
}

/** A plain value with each of its texts cleaned. */
export function cleaned<Value>(value: Value, secrets: readonly string[]): Value {
  const clean = (_: string, part: unknown) => (typeof part === 'string' ? cleanText(part, secrets) : part)
  return JSON.parse(JSON.stringify(value, clean))
}

/** Evidence without secrets: none of these texts, no signature, no cookie, wherever they stand. */
export function withoutSecrets({ request, response }: Evidence, secrets: readonly string[]): Evidence {
  const clean = (text: string) => cut(cleanText(text, secrets))
  return {
    request: {
      method: request.method,
      url: cleanText(request.url, secrets),
      headers: cleaned(request.headers, secrets),
      body: clean(request.body),
    },
    response:
      'error' in response
        ? { error: clean(response.error) }
        : { status: response.status, headers: withoutCookies(response.headers, secrets), body: clean(response.body) },
  }
}

const withoutCookies = (headers: IncomingHttpHeaders, secrets: readonly string[]): IncomingHttpHeaders => ({
  ...cleaned(headers, secrets),
  ...(headers['set-cookie'] && { 'set-cookie': ['***'] }),
})
