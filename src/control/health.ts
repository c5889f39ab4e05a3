import { Health } from '../../schemas/control.ts'
import type { Control } from './routes.ts'

/** `GET /_emulator/health`: answers as soon as, and only while, requests can be served. */
export function serveHealth(control: Control, version: string): void {
  const startedAt = performance.now()
  control.get('/health', { schema: { response: { 200: Health } } }, async () => ({
    status: 'ok' as const,
    version,
    uptimeSeconds: Math.round(performance.now() - startedAt) / 1000,
  }))
}
