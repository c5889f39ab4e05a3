import type { SignedRequest } from '../src/http/signature.ts'
import { algorithm, canonicalParts, canonicalRequest, sign } from '../src/http/signature.ts'

/** How requests are authorized: by an access token (COM-2), or by an app's signature (COM-15). */
export type Credentials = { readonly token: string } | { readonly appId: string; readonly appSecret: string }

const signedHeaders = ['host', 'x-date', 'x-user-id']

/** The `Authorization` of a request (COM-2, COM-15, COM-16). */
export function authorizationOf(credentials: Credentials, request: SignedRequest): string {
  if ('token' in credentials) return `Bearer ${credentials.token}`
  const canonical = canonicalRequest(request.method, signedHeaders, canonicalParts(request, signedHeaders))
  const signature = sign(credentials.appSecret, canonical)
  return `${algorithm} AppId=${credentials.appId},SignedHeaders=${signedHeaders.join(';')},Signature=${signature}`
}

/** What must not be seen in any report. */
export const secretsOf = (credentials: Credentials): string[] =>
  'token' in credentials ? [credentials.token] : [credentials.appSecret]
