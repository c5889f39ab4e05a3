import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { controlPath } from '../../schemas/control.ts'
import { catalogue, Refusal } from '../errors.ts'
import { parseBody } from '../http/body.ts'
import { serveClock } from './clock.ts'
import { serveCredentials } from './credentials.ts'
import type { Explain } from './explain.ts'
import { serveExplain } from './explain.ts'
import { serveFaults } from './faults.ts'
import { guardFor } from './guard.ts'
import { serveHealth } from './health.ts'
import { serveJournal } from './journal.ts'
import { serveOpenApi } from './openapi.ts'
import { Problem, sendProblem } from './problem.ts'
import { serveReview } from './review.ts'
import type { Control, Panel } from './routes.ts'
import { serveSnapshots } from './snapshots.ts'
import { serveState } from './state.ts'
import { serveWorlds } from './worlds.ts'

export interface ControlWiring extends Panel {
  readonly explain: Explain
  /** Host names that may be used beside the usual ones. */
  readonly allowedHosts: readonly string[]
}

/**
 * The emulator's own routes, a sibling of the emulated API that neither knows of the other.
 *
 * @param wiring `undefined` where the control plane is off: health stays
 */
export function serveControl(app: FastifyInstance, version: string, wiring: ControlWiring | undefined): void {
  app.register(
    async (plane) => {
      const control = plane.withTypeProvider<TypeBoxTypeProvider>()
      takeForm(control)
      serveHealth(control, version)
      if (wiring) control.register(async (dials) => serveDials(dials.withTypeProvider<TypeBoxTypeProvider>(), wiring))
    },
    { prefix: controlPath },
  )
}

const served = [
  serveWorlds,
  serveState,
  serveSnapshots,
  serveClock,
  serveCredentials,
  serveFaults,
  serveJournal,
  serveReview,
]

function serveDials(control: Control, { explain, allowedHosts, ...panel }: ControlWiring): void {
  const guard = guardFor(allowedHosts)
  control.addHook('onRequest', (request, reply, done) => {
    const problem = guard(request)
    if (problem) sendProblem(reply, problem)
    else done()
  })
  for (const serve of served) serve(control, panel)
  serveExplain(control, panel, explain)
  serveOpenApi(control)
}

/** A whole state is one document, which may be long. */
const largestDocument = 256 * 1024 * 1024

/** Bodies, reasons and mistakes: JSON in, `application/problem+json` out. */
function takeForm(control: Control): void {
  control.removeAllContentTypeParsers()
  control.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: largestDocument },
    async (request: Parameters<typeof parseBody>[0], bytes: Buffer) => parseBody(request, bytes),
  )
  control.setErrorHandler((error, request, reply) => sendProblem(reply, asProblem(error, request.log)))
  control.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new Problem(404, `the emulator has no route ${request.method} ${request.url}`)),
  )
}

function asProblem(error: unknown, log: Control['log']): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Refusal) return new Problem(catalogue[error.key].status, error.reason)
  const { statusCode = 500, message = '' } = Object(error)
  if (statusCode < 500) return new Problem(statusCode, message)
  log.error({ err: error }, 'the control plane failed')
  return new Problem(500, 'the emulator failed; its log has the cause')
}
