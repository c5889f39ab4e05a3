import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { OperationId } from '../../schemas/index.ts'
import { contracts } from '../../schemas/index.ts'
import type { Rules } from '../operations/index.ts'
import type { Surroundings } from './bind.ts'
import { bind } from './bind.ts'
import { announcesBody, isJson, largestBody, parseBody, wrongMediaType } from './body.ts'
import { sendRefusal } from './envelope.ts'
import type { BoundOperation } from './operation.ts'
import { bindOperation } from './operation.ts'
import { asRefusal, unknownRoute, unreadableQuery } from './refusals.ts'
import { isQueryReadable } from './target.ts'
import { serveUploads } from './upload.ts'

/** The emulated API: every operation below its base path, and the same envelope for whatever is no operation. */
export function serveApi(
  app: FastifyInstance,
  operations: readonly BoundOperation[],
  surroundings: Surroundings,
): void {
  app.decorateRequest('operation', null)
  app.decorateRequest('code', null)
  app.decorateRequest('reason', null)
  app.decorateRequest('bodyText', null)
  app.decorateRequest('answer', null)
  app.decorateRequest('fault', null)
  app.decorateRequest('whenOver', null)
  app.decorateRequest('world', null)
  app.decorateRequest('rowsWritten', 0)
  app.register(async (uploads) => {
    serveUploads(uploads, surroundings)
    answerErrors(uploads, surroundings)
  })
  app.register(async (api) => {
    refuseEarly(api, surroundings)
    readJson(api)
    refuseUnreadableQuery(api, surroundings)
    answerErrors(api, surroundings)
    for (const operation of operations) bind(api, operation, surroundings)
  })
}

/** Every operation of the API, its contract joined to its rule. */
export function bindAll(rules: Rules): BoundOperation[] {
  const bindOne = <Id extends OperationId>(id: Id) => bindOperation(contracts[id], rules[id])
  return (Object.keys(contracts) as OperationId[]).map(bindOne) // keys of a constant object are its ids
}

/** DEC-1: what the head alone decides is refused before a byte of the body is read. */
function refuseEarly(api: FastifyInstance, { speakerOf }: Surroundings): void {
  api.addHook('onRequest', (request, reply, done) => {
    if (request.is404) sendRefusal(reply, speakerOf(request), unknownRoute(request.method, request.url))
    else if (announcesBody(request) && !isJson(request)) sendRefusal(reply, speakerOf(request), wrongMediaType())
    else done()
  })
  api.setNotFoundHandler((request, reply) =>
    sendRefusal(reply, speakerOf(request), unknownRoute(request.method, request.url)),
  )
}

/** DEC-6, DEC-7: one parser, which judges the media type itself. */
function readJson(api: FastifyInstance): void {
  api.addHook('preParsing', (request, _reply, _payload, done) => {
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
function refuseUnreadableQuery(api: FastifyInstance, { speakerOf }: Surroundings): void {
  api.addHook('preValidation', (request, reply, done) => {
    if (isQueryReadable(request.url)) done()
    else sendRefusal(reply, speakerOf(request), unreadableQuery())
  })
}

function answerErrors(api: FastifyInstance, { speakerOf }: Surroundings): void {
  api.setErrorHandler((error, request, reply) => {
    // Fastify closes the connection after a body that it did not take; where that is whole or can be skipped, it may go on.
    if (reply.raw.shouldKeepAlive) reply.removeHeader('connection')
    const refusal = isJson(request) ? asRefusal(error, request.log) : wrongMediaType()
    return sendRefusal(reply, speakerOf(request), refusal)
  })
}
