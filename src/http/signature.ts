import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { QueryPairs, RequestTarget } from './request-target.ts'

/** COM-15: the one algorithm. */
export const algorithm = 'HMAC-SHA256'

/** What a signature covers: the request as it was received. */
export interface SignedRequest {
  readonly method: string
  /** Path and query as received, a world's prefix included; both can be decoded. */
  readonly target: RequestTarget
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface AppAuthorization {
  readonly appId: string
  /** In lower case, in the order sent (DEC-3). */
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

/** COM-15: the three parts of an `Authorization` by app signature; `undefined` for any other form. */
export function parseAppAuthorization(authorization: string): AppAuthorization | undefined {
  const form = /^HMAC-SHA256 AppId=([!-+\--~]{1,256}),SignedHeaders=([!-+\--~]{1,1024}),Signature=([0-9a-f]{64})$/
  const [, appId, names, signature] = form.exec(authorization) ?? []
  if (appId === undefined || names === undefined || signature === undefined) return undefined
  return { appId, signedHeaders: names.toLowerCase().split(';'), signature }
}

const unreserved = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** COM-16: each segment encoded as RFC 3986 says, with a `/` at the end where there is none. */
const canonicalUri = (segments: readonly string[]): string =>
  `/${segments.map(unreserved).join('/')}`.replace(/\/?$/, '/')

/** COM-16: `name=value`, encoded, sorted by name in code-point order, then by value (DEC-3). */
export const canonicalQuery = (pairs: QueryPairs): string =>
  pairs
    .map(([name, value]) => ({ name, value, text: `${unreserved(name)}=${unreserved(value)}` }))
    .sort((one, other) => byCodePoint(one.name, other.name) || byCodePoint(one.value, other.value))
    .map(({ text }) => text)
    .join('&')

/** UTF-8 sorts as code points do; JavaScript's own order is that of UTF-16, which differs where there are surrogates. */
function byCodePoint(one: string, other: string): number {
  if (one === other) return 0
  if (/[\ud800-\udfff]/.test(one + other)) return Buffer.compare(Buffer.from(one), Buffer.from(other))
  return one < other ? -1 : 1
}

const canonicalHeaders = (names: readonly string[], headers: IncomingHttpHeaders): string =>
  names.map((name) => `${name}:${[headers[name]].join().trim()}\n`).join('')

/** The parts of the canonical request, from which a client's usual mistakes are tried as well. */
export interface CanonicalParts {
  readonly uri: string
  readonly query: string
  readonly headers: string
  readonly payloadHash: string
}

export const canonicalParts = (request: SignedRequest, names: readonly string[]): CanonicalParts => ({
  uri: canonicalUri(request.target.segments),
  query: canonicalQuery(request.target.pairs),
  headers: canonicalHeaders(names, request.headers),
  payloadHash: hash('sha256', request.body),
})

/** COM-16: six lines, of which the headers' last newline makes one more, empty. */
export const canonicalRequest = (method: string, names: readonly string[], parts: CanonicalParts): string =>
  [method, parts.uri, parts.query, parts.headers, names.join(';'), parts.payloadHash].join('\n')

/** COM-16. */
export const stringToSign = (canonical: string): string => `${algorithm}\n${hash('sha256', canonical)}`

/** COM-16: lower-case hexadecimal. */
export const sign = (appSecret: string, canonical: string): string =>
  createHmac('sha256', appSecret).update(stringToSign(canonical)).digest('hex')

/** Whether two signatures are the same, in a time that does not tell how far they are. */
export const equalSignatures = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
