import type { World } from '../world/world.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The operation whose route matched. */
    operation: string | null
    /** What the answer's envelope said: business code, and the reason or remark beside it. */
    code: number | null
    reason: string | null
    /** The answer's body as text. */
    answer: string | null
    /** How many rows the work wrote. */
    rowsWritten: number
    /** The fault that fired, where one may. */
    fault: string | null
    /** Called once the exchange is over, answered or broken off. */
    whenOver: (() => void) | null
    /** The world that served it, once one did. */
    world: World | null
    /** The body as it was sent, once it proved to be UTF-8. */
    bodyText: string | null
  }
}
