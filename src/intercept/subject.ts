import type { FastifyRequest } from 'fastify'
import type { FaultSubject } from '../world/faults.ts'
import type { World } from '../world/world.ts'

/** The device that a request names in its path, its body or its query. */
export function deviceIdOf(...parts: readonly unknown[]): string | undefined {
  for (const part of parts) {
    const deviceId: unknown = Object(part)['deviceId']
    if (typeof deviceId === 'string') return deviceId
  }
  return undefined
}

/** What faults are held against, of a request whose operation is known. */
export function subjectOf(world: World, operation: string, { params, body, url }: FastifyRequest): FaultSubject {
  const query = Object.fromEntries(new URLSearchParams(url.split('?')[1] ?? ''))
  return { operation, deviceId: deviceIdOf(params, body, query), body, now: world.clock.stateNow() }
}
