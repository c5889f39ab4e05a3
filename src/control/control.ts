import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { controlPath } from '../../schemas/control.ts'
import type { ControlOperationId } from '../../schemas/control-operations.ts'
import { controlOperations } from '../../schemas/control-operations.ts'
import { catalogue, Refusal } from '../errors.ts'
import { parseBody } from '../http/body.ts'
import { parseExactly } from '../http/json.ts'
import { unreadableQuery } from '../http/refusals.ts'
import { guardFor } from './guard.ts'
import { serveInspector } from './inspector.ts'
import { serveOpenApi } from './openapi.ts'
import type { ControlPlane } from './plane.ts'
import { Problem, sendProblem } from './problem.ts'
import type { BaseOf } from './routes.ts'
import { endStreams, serveOperations } from './routes.ts'
import type { Tokens } from './tokens.ts'
import { challenge, tokenGuard } from './tokens.ts'

const ids = Object.keys(controlOperations) as ControlOperationId[] // keys of a constant object are its ids

/** Served without a guard, and where the control plane is off. */
const open: readonly ControlOperationId[] = ['readHealth', 'readReady', 'readMetrics']

/** Who may use the control plane. */
interface ControlAccess {
  /** Names that `Host` may have beside the usual ones. */
  readonly allowedHosts: readonly string[]
  /** One of these has to be shown; `undefined` where none is asked for. */
  readonly tokens: Tokens | undefined
}

/**
 * The emulator's own routes, a sibling of the emulated API that neither knows of the other.
 *
 * @param access who may use it; `undefined` where it is off: what is open stays
 */
export function serveControl(
  app: FastifyInstance,
  plane: ControlPlane,
  baseOf: BaseOf,
  access: ControlAccess | undefined,
): void {
  app.register(
    async (control) => {
      takeForm(control)
      endStreams(control, plane)
      control.addHook('onRequest', (_request, reply, done) => {
        reply.header('cross-origin-resource-policy', 'same-origin')
        done()
      })
      serveOperations(control, open, plane, baseOf)
      if (access) control.register(async (guarded) => serveGuarded(guarded, plane, baseOf, access))
    },
    { prefix: controlPath },
  )
}

function serveGuarded(control: FastifyInstance, plane: ControlPlane, baseOf: BaseOf, access: ControlAccess): void {
  const { allowedHosts, tokens } = access
  refuseWhere(control, guardFor(allowedHosts))
  serveOpenApi(control.withTypeProvider<TypeBoxTypeProvider>(), baseOf) // what anybody may read, without a token
  control.register(async (own) => {
    if (tokens) refuseWhere(own, tokenGuard(tokens))
    const guarded = ids.filter((id) => !open.includes(id))
    serveOperations(own, guarded, plane, baseOf)
    serveInspector(own.withTypeProvider<TypeBoxTypeProvider>()) // it asks these; a browser that was let in to it is let in to them
  })
}

function refuseWhere(control: FastifyInstance, guard: (request: FastifyRequest) => Problem | undefined): void {
  control.addHook('onRequest', (request, reply, done) => {
    const problem = guard(request)
    if (problem?.status === 401) reply.headers(challenge)
    if (problem) sendProblem(reply, problem)
    else done()
  })
}

/** A whole state is one document, which may be long. */
const largestDocument = 256 * 1024 * 1024

/** Bodies, reasons and mistakes: JSON in, `application/problem+json` out. */
function takeForm(control: FastifyInstance): void {
  control.removeAllContentTypeParsers()
  control.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: largestDocument },
    // A user may be called `__proto__` (DEC-4), and so a key of a state document.
    async (request: Parameters<typeof parseBody>[0], bytes: Buffer) =>
      parseBody(request, bytes, (text) => parseExactly(text, 'ignore')),
  )
  control.addHook('preValidation', (request, _reply, done) => {
    const { target, route } = request.exchange
    if (route.refusal) throw route.refusal
    if (!target.isQueryReadable) throw unreadableQuery()
    done()
  })
  control.setErrorHandler((error, request, reply) => sendProblem(reply, asProblem(error, request.log)))
  control.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new Problem(404, `the emulator has no route ${request.method} ${request.url}`)),
  )
}

function asProblem(error: unknown, log: FastifyBaseLogger): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Refusal) return new Problem(catalogue[error.key].status, error.reason)
  const { statusCode = 500, message = '' } = Object(error)
  if (statusCode < 500) return new Problem(statusCode, message)
  log.error({ err: error }, 'the control plane failed')
  return new Problem(500, 'the emulator failed; its log has the cause')
}
