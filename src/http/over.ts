import type { FastifyReply } from 'fastify'
import { hasBegun } from './envelope.ts'
import type { Exchange } from './exchange.ts'

/** How an exchange went, as it is counted. */
export function overOf(exchange: Exchange, { raw, statusCode, elapsedTime }: FastifyReply) {
  const { operation, route, code } = exchange
  return {
    operation: operation ?? (route.kind === 'control' ? 'control' : 'other'),
    status: hasBegun(raw) ? statusCode : null,
    code,
    durationMs: elapsedTime,
    effects: effectsOf(exchange),
  }
}

/** What the fault did that fired, and what others did beside it. */
function effectsOf({ fault, effect, besides }: Exchange): string[] {
  const own = effect !== null && besides.every(({ id }) => id !== fault) ? [effect] : []
  return [...own, ...besides.map((one) => one.effect.type)]
}
