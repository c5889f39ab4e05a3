import { randomBytes } from 'node:crypto'
import type { World } from '../world/world.ts'
import { signaturesOver } from './app-signature.ts'
import { RequestTarget } from './request-target.ts'
import { shortHash } from './short-hash.ts'
import type { SignedRequest } from './signature.ts'
import { parseAppAuthorization } from './signature.ts'
import type { WrittenRequest } from './written-request.ts'
import { sentHeaders, valuesOfHeader, withHeader } from './written-request.ts'

/** A request with a credential that is as good as the one it had, and what takes the credential away again. */
interface Credited {
  readonly request: WrittenRequest
  /** What a journal is to show in its place; nothing where it is to show what was sent. */
  readonly shown: readonly (string | undefined)[]
  readonly release: () => void
}

/** A request as it was sent at first, and what is known of its signature. */
export interface SentFirst {
  readonly request: WrittenRequest
  /** Whether its signature was taken, or nobody can tell any more. */
  readonly isBelieved: boolean
}

/** How a journal shows a token and a signature. */
const bearerForm = /^(bearer[ +])sha256:([0-9a-f]{12})$/i
const signatureForm = /^HMAC-SHA256 .*Signature=sha256:[0-9a-f]{12}$/

const noSignature = '0'.repeat(64)

/**
 * Puts a credential in the place of the one that a journal hides: for a token, one that stands for the same, issued or not;
 * for a signature, one of the same app over the request as it is now, made as the first was: a wrong one stays wrong. Whatever
 * else stands there is sent as it is shown.
 */
export function credited(world: World, request: WrittenRequest, first: SentFirst): Credited {
  const kept = valuesOfHeader(request, 'authorization')
  const releases: (() => void)[] = []
  const values = kept.map((value) => {
    const [, scheme, digest = ''] = bearerForm.exec(value) ?? []
    if (scheme === undefined)
      return signatureForm.test(value) ? (signatureLike(world, first, request, value) ?? withSignature(value)) : value
    const token = randomBytes(24).toString('hex')
    releases.push(world.store.access.standIn(token, digest))
    return `${scheme}${token}`
  })
  const release = () => {
    for (const one of releases) one()
  }
  const shown = kept.map((value) => (bearerForm.test(value) ? value : undefined))
  return { request: withHeader(request, 'Authorization', values), shown, release }
}

/** The request with its signature made anew, as that of the first was made; one that is wrong for no usual mistake stays. */
export function signedAnew(world: World, first: WrittenRequest, request: WrittenRequest): WrittenRequest {
  const values = valuesOfHeader(request, 'authorization')
  const sent = { request: first, isBelieved: false }
  const made = values.map((value) => signatureLike(world, sent, request, value) ?? value)
  return withHeader(request, 'Authorization', made)
}

const withSignature = (value: string, signature = noSignature): string =>
  value.replace(/(?<=Signature=)\S+$/, signature)

/** An `Authorization` whose signature is over another request, but made as it was; `undefined` where nobody knows how. */
function signatureLike(world: World, first: SentFirst, request: WrittenRequest, value: string): string | undefined {
  const claim = parseAppAuthorization(withSignature(value))
  const appSecret = claim && world.store.access.findApp(claim.appId)
  if (claim === undefined || appSecret === undefined) return undefined
  const over = (one: WrittenRequest) => signaturesOver(world, claim, signableOf(one), appSecret)
  const isSent = ({ signature }: { readonly signature: string }) =>
    value.endsWith(`=${signature}`) || value.endsWith(`=${shortHash(signature)}`)
  const way = first.isBelieved ? 0 : over(first.request).findIndex(isSent)
  const made = way < 0 ? undefined : over(request)[way]
  return made && withSignature(value, made.signature)
}

function signableOf(request: WrittenRequest): SignedRequest {
  const { method, path, body } = request
  return { method, target: new RequestTarget(path), headers: sentHeaders(request), body: body.toString() }
}
