import type { KeyObject } from 'node:crypto'
import { createHmac, createSecretKey, hash } from 'node:crypto'
import type { QueryPairs } from '../http/request-target.ts'
import { canonicalQuery } from '../http/signature.ts'

/** The one algorithm of presigned addresses (UPL-5). */
export const sigV4Algorithm = 'AWS4-HMAC-SHA256'

/** Stands where the body's hash does in requests that are signed before there is a body. */
const unsignedPayload = 'UNSIGNED-PAYLOAD'

/** What AWS Signature Version 4 covers of a request whose signature is in its query. */
interface PresignedRequest {
  readonly method: string
  /** As it stands in the request line, encoded once, as S3 takes it. */
  readonly path: string
  /** Without `X-Amz-Signature`. */
  readonly query: QueryPairs
  /** Those that are signed, by their names in lower case, in alphabetical order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** What a signature is good for. */
export interface CredentialScope {
  /** `20240621`. */
  readonly day: string
  readonly region: string
  readonly service: string
}

export const scopeText = ({ day, region, service }: CredentialScope): string =>
  `${day}/${region}/${service}/aws4_request`

/** The key that signs within one scope; it is worth keeping, for four HMACs make it. */
export const signingKey = (secret: string, { day, region, service }: CredentialScope): KeyObject =>
  createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request'))

const hmac = (key: string | Buffer | KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/**
 * AWS Signature Version 4 of a presigned request, in lower-case hexadecimal.
 *
 * @param date `20240621T082041Z`
 */
export function presignature(request: PresignedRequest, key: KeyObject, date: string, scope: CredentialScope): string {
  const headers = request.headers.map(([name, value]) => `${name}:${value}\n`).join('')
  const names = request.headers.map(([name]) => name).join(';')
  const canonical = [request.method, request.path, canonicalQuery(request.query), headers, names, unsignedPayload]
  const toSign = [sigV4Algorithm, date, scopeText(scope), hash('sha256', canonical.join('\n'))]
  return hmac(key, toSign.join('\n')).toString('hex')
}
