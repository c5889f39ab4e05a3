import type { FastifyRequest } from 'fastify'
import { parseExactly } from '../http/json.ts'
import type { FaultSubject } from '../world/fault-pattern.ts'
import type { World } from '../world/world.ts'

/** What faults are held against, of a request whose operation is known. */
export function subjectOf(world: World, operation: string, { exchange, body }: FastifyRequest): FaultSubject {
  const { route, target } = exchange
  const named: unknown[] = [route.params['deviceId'], target.parameter('deviceId'), Object(body)['deviceId']]
  const deviceId = named.find((one) => typeof one === 'string')
  return { operation, deviceId, body: body && parseExactly(exchange.bodyText), now: world.clock.wallNow() }
}
