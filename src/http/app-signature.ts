import { hash } from 'node:crypto'
import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'
import type { AppAuthorization, CanonicalParts, SignedRequest } from './signature.ts'
import { canonicalParts, canonicalRequest, equalSignatures, parseAppAuthorization, sign } from './signature.ts'

/** What must be signed; `host` need not be (COM-16, DEC-3). */
const mustBeSigned = ['x-date', 'x-user-id']

/**
 * COM-15, COM-16, DEC-3: verifies an `Authorization` by app signature against the registered apps.
 *
 * @throws Refusal `unauthorized`, whose reason names the mistake where it is a usual one, and never what was expected
 */
export function verifyAppSignature(world: World, authorization: string, request: SignedRequest): void {
  const claim = parseAppAuthorization(authorization)
  if (claim === undefined) throw unauthorized(`is no app signature; expected ${form} [COM-15]`)
  const appSecret = world.store.access.findApp(claim.appId)
  if (appSecret === undefined) throw unauthorized('names an app that is not registered [DEC-3]')
  const unsigned = mustBeSigned.find((name) => !claim.signedHeaders.includes(name))
  if (unsigned) throw unauthorized(`does not sign ${unsigned}; add it to SignedHeaders [COM-16]`)
  const absent = claim.signedHeaders.find((name) => !Object.hasOwn(request.headers, name))
  if (absent) throw unauthorized('signs a header that was not sent [COM-16]')
  const parts = canonicalParts(request, claim.signedHeaders)
  const canonical = canonicalRequest(request.method, claim.signedHeaders, parts)
  if (equalSignatures(sign(appSecret, canonical), claim.signature)) return
  throw unauthorized(`has a wrong signature: ${differenceOf(world, claim, request, parts, appSecret)} [COM-16 DEC-3]`)
}

const form = 'HMAC-SHA256 AppId=<id>,SignedHeaders=host;x-date;x-user-id,Signature=<64 hex digits in lower case>'

const unauthorized = (defect: string) => refuse('unauthorized', `Authorization ${defect}`)

type Mistake = readonly [sentence: string, parts: Partial<CanonicalParts>]

function differenceOf(
  world: World,
  claim: AppAuthorization,
  request: SignedRequest,
  parts: CanonicalParts,
  appSecret: string,
): string {
  const [, ...wrong] = signaturesOver(world, claim, request, appSecret)
  const made = wrong.find(({ signature }) => equalSignatures(signature, claim.signature))
  if (made) return made.mistake
  const canonical = canonicalRequest(request.method, claim.signedHeaders, parts)
  return `the SHA-256 of the canonical request is ${hash('sha256', canonical)}`
}

/** A signature over a request, and the mistake that made it; `""` where it is the right one. */
interface MadeSignature {
  readonly signature: string
  readonly mistake: string
}

/**
 * What signatures over a request may be, the right one first. Over another request each mistake has the same place, as long as
 * no app is registered in between.
 */
export function signaturesOver(
  world: World,
  { appId, signedHeaders }: AppAuthorization,
  request: SignedRequest,
  appSecret: string,
): MadeSignature[] {
  const parts = canonicalParts(request, signedHeaders)
  const made = (secret: string, mistake: string, changed: Partial<CanonicalParts>): MadeSignature => ({
    signature: sign(secret, canonicalRequest(request.method, signedHeaders, { ...parts, ...changed })),
    mistake,
  })
  const others = world.store.access.listApps().filter((app) => app.appId !== appId)
  return [
    made(appSecret, '', {}),
    ...usualMistakes(request, parts).map(([sentence, changed]) => made(appSecret, sentence, changed)),
    ...others.map((app) => made(app.appSecret, 'it was made with the secret of another app', {})),
  ]
}

/** What clients get wrong most, each as the parts that they would have signed. */
function usualMistakes({ target, body }: SignedRequest, parts: CanonicalParts): Mistake[] {
  const { path, query, segments, pairs } = target
  return [
    ['the path must end with / when it is signed', { uri: parts.uri.replace(/\/$/, '') }],
    ['the path must be encoded segment by segment, once', { uri: path.replace(/\/?$/, '/') }],
    ['the path must be encoded once, not twice', { uri: parts.uri.replaceAll('%', '%25') }],
    ['the path must be encoded, not decoded', { uri: `/${segments.join('/')}`.replace(/\/?$/, '/') }],
    ['the query must be sorted by name and encoded', { query }],
    [
      'the query must be encoded',
      {
        query: pairs
          .map((pair) => pair.join('='))
          .sort()
          .join('&'),
      },
    ],
    ['the query must be signed', { query: '' }],
    ['the body must be signed, not an empty one', { payloadHash: hash('sha256', '') }],
    ['the hash of the body must be in lower case', { payloadHash: parts.payloadHash.toUpperCase() }],
    ['without a body, the hash is that of an empty one', body === '' ? { payloadHash: '' } : {}],
    ['the last signed header must end with a newline too', { headers: parts.headers.replace(/\n$/, '') }],
  ]
}
