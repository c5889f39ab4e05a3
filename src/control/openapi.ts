import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { DocumentName, StaticFile } from '../openapi/pages.ts'
import { Problem } from './problem.ts'
import type { BaseOf, Control } from './routes.ts'

/** Loaded when somebody asks: an emulator that is only called must not carry it. */
const pages = () => import('../openapi/pages.ts')

const FileParams = Type.Object({ file: Type.String({ maxLength: 100 }) })

const documents: readonly DocumentName[] = ['openapi', 'control']

/** The OpenAPI documents, a page where the examples of the first can be tried. */
export function serveOpenApi(control: Control, baseOf: BaseOf): void {
  const method = ['GET', 'HEAD']
  for (const name of documents) {
    control.route({
      method,
      url: `/${name}.json`,
      handler: async (request, reply) => send(request, reply, (await pages()).documentPage(name, baseOf(request))),
    })
  }
  control.route({
    method,
    url: '/docs',
    handler: async (request, reply) => send(request, reply, await (await pages()).frontPage()),
  })
  // Links of the page are relative, so that it can be reached under any prefix.
  control.route({ method, url: '/docs/', handler: async (_request, reply) => reply.redirect('../docs', 308) })
  control.route({
    method,
    url: '/docs/:file',
    schema: { params: FileParams },
    handler: async (request, reply) => {
      const page = await (await pages()).fileOf(request.params.file)
      if (page === undefined) throw new Problem(404, 'the documentation has no such file')
      return send(request, reply, page)
    },
  })
}

/** Nothing is loaded from elsewhere, run in line or framed. */
const policy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function send(request: FastifyRequest, reply: FastifyReply, { type, content, etag }: StaticFile): FastifyReply {
  reply
    .header('etag', etag)
    .header('cache-control', 'no-cache')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send()
  return reply.type(type).send(content)
}
