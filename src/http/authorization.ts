import { headers as schemas } from '../../schemas/common.ts'
import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'
import { verifyAppSignature } from './app-signature.ts'
import type { RequestHead } from './headers.ts'
import { timesSent } from './headers.ts'
import type { SignedRequest } from './signature.ts'
import { algorithm } from './signature.ts'
import { compileDefect } from './validation.ts'

const formDefect = compileDefect(schemas.authorization, 'Authorization')

/** A request's head, with the two parts of it that only a signature covers. */
type SignableHead = RequestHead & Pick<SignedRequest, 'method' | 'target'>

/** What an accepted `Authorization` proves; to be confirmed once the user is known. */
export interface Authentication {
  /** @throws Refusal `unauthorized` where the credential is another user's */
  confirm(userId: string): void
}

/** Any user may be acted for: by a token under `any`, by an app in every mode (DEC-3). */
const anybody: Authentication = { confirm: () => undefined }

/**
 * DEC-2, DEC-3: judges the `Authorization` header by itself.
 *
 * @param body the request's body as text, `""` where there is none
 * @throws Refusal `unauthorized`
 */
export function authenticate(world: World, head: SignableHead, body: string): Authentication {
  const { headers, method, target } = head
  const { authorization } = headers
  if (timesSent(head, 'authorization') > 1) {
    throw refuse('unauthorized', 'Authorization was sent more than once; send it once [DEC-5]')
  }
  if (authorization?.startsWith(algorithm)) {
    verifyAppSignature(world, authorization, { method, target, headers, body })
    return anybody
  }
  const defect = formDefect(authorization)
  if (defect !== undefined || authorization === undefined) throw refuse('unauthorized', `${defect}`)
  return world.settings.auth === 'any' ? anybody : knownToken(world, authorization.slice('Bearer+'.length))
}

/** COM-14: a token lives for its lifetime, which every authenticated call starts afresh. */
function knownToken(world: World, token: string): Authentication {
  const { access } = world.store
  const grant = access.findToken(token)
  if (grant === undefined) throw refuse('unauthorized', 'Authorization holds a token that was never issued [DEC-3]')
  const now = world.clock.stateNow()
  if (grant.expiresMillis !== null && grant.expiresMillis <= now) {
    throw refuse('unauthorized', 'Authorization holds a token that has expired [COM-14 DEC-3]')
  }
  return {
    confirm(userId) {
      if (grant.userId !== userId) {
        throw refuse('unauthorized', 'Authorization holds a token of another user than X-User-Id [DEC-3]')
      }
      const { lifetimeMillis } = grant
      if (lifetimeMillis !== null) world.store.transact(() => access.renewToken(token, now + lifetimeMillis))
    },
  }
}
