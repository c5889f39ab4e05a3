import { randomBytes } from 'node:crypto'
import type { World } from '../world/world.ts'
import { RequestTarget } from './request-target.ts'
import { canonicalParts, canonicalRequest, parseAppAuthorization, sign } from './signature.ts'
import type { WrittenRequest } from './written-request.ts'
import { sentHeaders, withHeader } from './written-request.ts'

/** A request with a credential that is as good as the one it had, and what takes the credential away again. */
interface Credited {
  readonly request: WrittenRequest
  /** What a journal is to show in its place; of one that was not put in, nothing. */
  readonly shown: readonly (string | undefined)[]
  readonly release: () => void
}

/** How a journal shows a token and a signature. */
const bearerForm = /^(bearer[ +])sha256:([0-9a-f]{12})$/i
const signatureForm = /^HMAC-SHA256 .*Signature=sha256:[0-9a-f]{12}$/

/**
 * Puts a credential in the place of the one that a journal hides: for a token, one that stands for the same, issued or not;
 * for a signature, one of the same app over the request as it is now. Whatever else stands there is sent as it is shown.
 */
export function credited(world: World, request: WrittenRequest): Credited {
  const kept = request.headers.filter(([name]) => name.toLowerCase() === 'authorization').map(([, value]) => value)
  const releases: (() => void)[] = []
  const values = kept.map((value) => {
    const [, scheme, digest = ''] = bearerForm.exec(value) ?? []
    if (scheme === undefined) return signatureForm.test(value) ? signatureFor(world, request, value) : value
    const token = randomBytes(24).toString('hex')
    releases.push(world.store.access.standIn(token, digest))
    return `${scheme}${token}`
  })
  const release = () => {
    for (const one of releases) one()
  }
  const shown = kept.map((value) => (bearerForm.test(value) || signatureForm.test(value) ? value : undefined))
  return { request: values.length > 0 ? withHeader(request, 'Authorization', values) : request, shown, release }
}

/** The request with its signature made anew, where it has one. */
export function signedAnew(world: World, request: WrittenRequest): WrittenRequest {
  const value = String(sentHeaders(request).authorization)
  return /^HMAC-SHA256 .*Signature=\S+$/.test(value)
    ? withHeader(request, 'Authorization', [signatureFor(world, request, value)])
    : request
}

/** That of an app that is not registered proves nothing, whatever it is. */
function signatureFor(world: World, request: WrittenRequest, value: string): string {
  const before = value.replace(/(?<=Signature=)\S+$/, '')
  const nothing = `${before}${'0'.repeat(64)}`
  const claim = parseAppAuthorization(nothing)
  const appSecret = claim && world.store.access.findApp(claim.appId)
  if (claim === undefined || appSecret === undefined) return nothing
  const { method, path, body } = request
  const signed = { method, target: new RequestTarget(path), headers: sentHeaders(request), body: body.toString() }
  const parts = canonicalParts(signed, claim.signedHeaders)
  return `${before}${sign(appSecret, canonicalRequest(method, claim.signedHeaders, parts))}`
}
