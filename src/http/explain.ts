import type { Server } from 'node:http'
import type { Explanation } from '../../schemas/explain.ts'
import { citedIn } from '../../schemas/statements.ts'
import type { World } from '../world/world.ts'
import { checksOf } from './check.ts'
import type { SignedRequest } from './signature.ts'
import { canonicalParts, canonicalRequest, parseAppAuthorization, stringToSign } from './signature.ts'
import type { TrialOutcome } from './trial.ts'
import { connectionFor } from './trial.ts'
import type { WrittenRequest } from './written-request.ts'
import { bytesOf } from './written-request.ts'

/** Where a request is tried. */
export interface Question {
  /** The world that is asked, unless the request names another. */
  readonly world: string
  readonly request: WrittenRequest
  /** What the clocks of its world are to show, in Unix milliseconds. */
  readonly now?: number | undefined
  /** A copy of the world, in which what the request does stays. */
  readonly stage?: World | undefined
}

/** What came of a request that was tried: what is told of it, and what it would have been answered. */
export interface Tried {
  readonly explanation: Explanation
  /** The key of the catalogue that refuses it. */
  readonly refusal: string | null
  readonly operation: string | null
  readonly answer: string
}

/**
 * Answers what a request would be answered, and changes nothing: the request takes the real way, and what it did is undone.
 *
 * @throws Refusal `internal` where the emulator itself failed
 */
export type Explain = (question: Question) => Promise<Tried>

export function explainerOf(server: Server): Explain {
  return async ({ world, request, now, stage }) => {
    const outcome = await new Promise<TrialOutcome>((conclude) => {
      server.emit(connectionEvent(server), connectionFor({ world, now, stage, conclude }, bytesOf(request)))
    })
    if (outcome.refusal?.key === 'internal') throw outcome.refusal
    const { refusal, operation, answer } = outcome
    return { explanation: explanationOf(outcome), refusal: refusal?.key ?? null, operation, answer }
  }
}

/** What tells a server of a connection: what follows a TLS handshake is the same as without one. */
export const connectionEvent = (server: Server): string =>
  'setSecureContext' in server ? 'secureConnection' : 'connection'

function explanationOf({
  isAccepted: accepted,
  refusal,
  check,
  part,
  operation,
  code,
  reason: said,
  signed,
}: TrialOutcome): Explanation {
  const reason = accepted ? null : said
  const went = { operation, check, part, refusal: refusal?.key ?? null, worked: accepted, isInjected: false }
  return {
    accepted,
    check,
    code,
    reason,
    checks: checksOf(went),
    facts: citedIn(reason),
    ...(signed && signingOf(signed)),
  }
}

/** For a request that carries an app signature: what the emulator computes over it, up to but never with the secret. */
function signingOf(request: SignedRequest): { canonicalRequest?: string; stringToSign?: string } {
  const claim = parseAppAuthorization(request.headers.authorization ?? '')
  if (claim === undefined) return {}
  const canonical = canonicalRequest(request.method, claim.signedHeaders, canonicalParts(request, claim.signedHeaders))
  return { canonicalRequest: canonical, stringToSign: stringToSign(canonical) }
}
