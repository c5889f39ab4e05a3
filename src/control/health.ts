import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Health } from '../../schemas/control.ts'

/** `GET /_emulator/health`: answers as soon as, and only while, requests can be served. */
export function serveHealth(app: FastifyInstance, version: string): void {
  const startedAt = performance.now()
  app.withTypeProvider<TypeBoxTypeProvider>().get('/health', { schema: { response: { 200: Health } } }, async () => ({
    status: 'ok' as const,
    version,
    uptimeSeconds: Math.round(performance.now() - startedAt) / 1000,
  }))
}
