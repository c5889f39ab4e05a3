import type { Exchange } from './exchange.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The request and what becomes of it. */
    exchange: Exchange
  }
}
