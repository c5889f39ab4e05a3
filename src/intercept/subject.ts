import type { FastifyRequest } from 'fastify'
import { deviceNamed } from '../../schemas/named-value.ts'
import { parseExactly } from '../http/json.ts'
import type { FaultSubject } from '../world/fault-pattern.ts'
import type { World } from '../world/world.ts'

/** What faults are held against, of a request whose operation is known. */
export function subjectOf(world: World, operation: string, { exchange, body }: FastifyRequest): FaultSubject {
  const { route, target } = exchange
  const deviceId = deviceNamed({ params: route.params, query: target.pairs, body })
  return { operation, deviceId, body: body && parseExactly(exchange.bodyText), now: world.clock.wallNow() }
}
