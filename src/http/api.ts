import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Rules } from '../operations/index.ts'
import { ArrivingBody } from './arriving-body.ts'
import type { WorldAccess } from './bind.ts'
import { addRoute, answeringWorld } from './bind.ts'
import { announcesBody, hasBody, isJson, largestBody, mediaDefect, parseBody } from './body.ts'
import { sendRefusal } from './envelope.ts'
import type { BoundOperation } from './operation.ts'
import { bindOperation } from './operation.ts'
import { asRefusal, unreadableQuery } from './refusals.ts'
import { serveUploads } from './upload.ts'

/** The emulated API: every operation below its base path, and the same envelope for whatever is no operation. */
export function serveApi(app: FastifyInstance, operations: readonly BoundOperation[], access: WorldAccess): void {
  // DEC-1 holds for every request, and a signature covers every body (COM-16).
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  app.register(async (uploads) => {
    serveUploads(uploads, access)
    answerErrors(uploads, access)
  })
  app.register(async (api) => {
    refuseEarly(api, access)
    readJson(api)
    refuseUnreadableQuery(api, access)
    answerErrors(api, access)
    for (const operation of operations) addRoute(api, operation, access)
  })
}

/** Every operation of the API, its contract joined to its rule. */
export function bindAll(rules: Rules): BoundOperation[] {
  const bindOne = <Id extends OperationId>(id: Id) => bindOperation(contracts[id], rules[id])
  return (Object.keys(contracts) as OperationId[]).map(bindOne) // keys of a constant object are its ids
}

/** DEC-1: what the head alone decides is refused before a byte of the body is read. */
function refuseEarly(api: FastifyInstance, access: WorldAccess): void {
  const refuseRoute = ({ exchange }: FastifyRequest) => exchange.route.refusal
  api.addHook('onRequest', (request, reply, done) => {
    const refusal = request.is404 ? refuseRoute(request) : announcesBody(request) && mediaDefect(request)
    if (!refusal) return done()
    watchBody(request)
    request.exchange.arriving?.giveUp()
    sendRefusal(reply, answeringWorld(access, request.exchange), refusal)
  })
  /* c8 ignore next -- the hook above answers before it */
  api.setNotFoundHandler(() => undefined)
}

/** Of what only asks, nobody is shown anything. */
function watchBody(request: FastifyRequest): void {
  const { exchange, raw } = request
  if (hasBody(request) && !exchange.trial) exchange.arriving = new ArrivingBody(raw)
}

/** DEC-6, DEC-7: one parser, which judges the media type itself. */
function readJson(api: FastifyInstance): void {
  api.addHook('preParsing', (request, _reply, _payload, done) => {
    watchBody(request)
    // Fastify would judge by itself a media type that it cannot read, even of a body that proves empty.
    if (!isJson(request)) request.headers = { 'content-type': 'application/json' }
    done()
  })
  api.removeAllContentTypeParsers()
  // By its name as well: for the one that takes everything, Fastify takes the media type apart at every request.
  api.addContentTypeParser(
    ['application/json', '*'],
    { parseAs: 'buffer', bodyLimit: largestBody },
    (request: FastifyRequest, bytes: Buffer, done) => done(null, parseBody(request, bytes)),
  )
}

/** DEC-1: at the stage of the body's syntax. */
function refuseUnreadableQuery(api: FastifyInstance, access: WorldAccess): void {
  api.addHook('preValidation', ({ exchange }, reply, done) => {
    if (exchange.target.isQueryReadable) done()
    else sendRefusal(reply, answeringWorld(access, exchange), unreadableQuery())
  })
}

function answerErrors(api: FastifyInstance, access: WorldAccess): void {
  api.setErrorHandler((error, request, reply) => {
    // Fastify closes the connection after a body that it did not take; where that is whole or can be skipped, it may go on.
    if (reply.raw.shouldKeepAlive) reply.removeHeader('connection')
    request.exchange.arriving?.giveUp()
    const refusal = mediaDefect(request) ?? asRefusal(error, request.log)
    return sendRefusal(reply, answeringWorld(access, request.exchange), refusal)
  })
}
