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

/** Longer bodies are cut: a report is to be read. */
const longestBody = 4096

const cut = (body: string): string =>
  body.length > longestBody ? `${body.slice(0, longestBody)}… (${body.length} characters)` : body

/** Evidence without secrets: none of these texts, no signature, no token, wherever they stand. */
export function withoutSecrets({ request, response }: Evidence, secrets: readonly string[]): Evidence {
  const clean = (text: string) => secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, '***'), text)
  const hidden = <Headers extends object>(headers: Headers): Headers =>
    JSON.parse(clean(JSON.stringify({ ...headers, ...('authorization' in headers && { authorization: '***' }) })))
  return {
    request: {
      method: request.method,
      url: clean(request.url),
      headers: hidden(request.headers),
      body: clean(cut(request.body)),
    },
    response:
      'error' in response
        ? { error: clean(response.error) }
        : { status: response.status, headers: hidden(response.headers), body: clean(cut(response.body)) },
  }
}
