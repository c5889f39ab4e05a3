import type { FastifyInstance } from 'fastify'
import { reasonHeader } from './envelope.ts'

/**
 * Lets web pages call the API: answers preflights, and shows them the headers that a client needs.
 *
 * @param origins `true` for every origin, otherwise those allowed
 */
export async function allowCors(app: FastifyInstance, origins: true | string[]): Promise<void> {
  const { default: cors } = await import('@fastify/cors') // not loaded by the many who never need it
  await app.register(cors, {
    origin: origins,
    methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    exposedHeaders: ['Date', 'Retry-After', reasonHeader],
    strictPreflight: false,
    maxAge: 600,
  })
}
