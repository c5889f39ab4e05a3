import type { FastifyInstance } from 'fastify'
import { controlPath } from '../../schemas/control.ts'
import { serveHealth } from './health.ts'

const problemType = 'application/problem+json'

/** The emulator's own routes, a sibling of the emulated API that neither knows of the other. */
export function serveControl(app: FastifyInstance, version: string): void {
  app.register(
    async (control) => {
      serveHealth(control, version)
      control.setNotFoundHandler((request, reply) => {
        const detail = `the emulator has no route ${request.method} ${request.url}`
        return reply
          .code(404)
          .type(problemType)
          .send(JSON.stringify({ title: 'Not Found', status: 404, detail }))
      })
    },
    { prefix: controlPath },
  )
}
