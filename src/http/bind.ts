import type { FastifyInstance, FastifyRequest } from 'fastify'
import { basePath } from '../../schemas/common.ts'
import { isRefusal } from '../errors.ts'
import type { World } from '../world/world.ts'
import { sendRefusal, sendSuccess } from './envelope.ts'
import type { BoundOperation, ReadRequest } from './operation.ts'
import { asRefusal } from './refusals.ts'
import { originForm } from './target.ts'

/** What the emulated API needs to know of the server around it. */
export interface Surroundings {
  /** The world of a request. @throws Refusal where it names none, or one too many */
  readonly worldOf: (request: FastifyRequest) => World
  /** The world in whose name a request is refused that may not have one. */
  readonly speakerOf: (request: FastifyRequest) => World
  /** The address under which a client reaches a world. */
  readonly addressOf: (world: World, request: FastifyRequest) => string
}

/** Makes a bound operation a route. */
export function bind(app: FastifyInstance, operation: BoundOperation, surroundings: Surroundings): void {
  const { method, path, id } = operation.contract
  const { worldOf, speakerOf } = surroundings
  app.route({
    method,
    url: basePath + path.replace(/\{(\w+)\}/g, ':$1'),
    onRequest(request, _reply, done) {
      request.operation = id
      done()
    },
    handler(request, reply) {
      try {
        const world = worldOf(request)
        request.world = world
        const outcome = operation.perform(world, readRequest(world, request, surroundings))
        if (isRefusal(outcome)) return sendRefusal(reply, world, outcome)
        request.rowsWritten = outcome.rowsWritten
        return sendSuccess(reply, world, outcome.payload, outcome.remark)
      } catch (error) {
        return sendRefusal(reply, speakerOf(request), asRefusal(error, request.log))
      }
    },
  })
}

/** Where the parts of uploads are taken, below a world's address (DEC-29). */
export const uploadPath = '/_upload'

function readRequest(world: World, request: FastifyRequest, { addressOf }: Surroundings): ReadRequest {
  const { method, originalUrl, raw, params, body, bodyText } = request
  return {
    method,
    url: originForm(originalUrl),
    headers: raw.headers,
    rawHeaders: raw.rawHeaders,
    params,
    body,
    bodyText: bodyText ?? '',
    uploadUrl: (uploadId, part) => `${addressOf(world, request)}${uploadPath}/${uploadId}/${part}`,
  }
}
