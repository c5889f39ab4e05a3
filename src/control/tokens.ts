import { hash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/**
 * What a refused call is told of how to prove itself; browsers ask for a password then. Each way has a line of its own: where
 * both stand in one, Chromium knows neither.
 */
export const challenge = { 'www-authenticate': ['Basic realm="koodrive-emulator"', 'Bearer'] }

/** The tokens that are good at the moment. */
export type Tokens = () => readonly string[]

/** Lets nobody in who does not show a token: as `Bearer`, or as the password of `Basic`, whatever the name beside it. */
export function tokenGuard(tokens: Tokens): (request: Pick<FastifyRequest, 'headers'>) => Problem | undefined {
  return ({ headers: { authorization } }) => {
    const shown = shownIn(authorization ?? '')
    if (shown !== undefined && isOneOf(tokens(), shown)) return undefined
    const what = shown === undefined ? 'needs a token' : 'does not know this token'
    return new Problem(401, `the control plane ${what}; send it as Authorization: Bearer, or as the password of Basic`)
  }
}

function shownIn(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() !== 'basic') return credentials === '' ? undefined : credentials
  const both = Buffer.from(credentials, 'base64').toString()
  return both.includes(':') ? both.slice(both.indexOf(':') + 1) : undefined
}

/** Takes the same time whichever it is, and wherever it differs. */
function isOneOf(tokens: readonly string[], shown: string): boolean {
  const own = digestOf(shown)
  return tokens.map((token) => timingSafeEqual(digestOf(token), own)).includes(true)
}

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer')
