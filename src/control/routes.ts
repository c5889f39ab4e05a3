import { hash } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify'
import { archiveType } from '../../schemas/archive.ts'
import type { ControlOperation } from '../../schemas/control-operation.ts'
import type { ControlOperationId } from '../../schemas/control-operations.ts'
import { controlOperations } from '../../schemas/control-operations.ts'
import { jsonOf } from '../http/json.ts'
import { ArchiveFile, archiveFrom } from './archives.ts'
import { perform } from './perform.ts'
import type { ControlPlane } from './plane.ts'
import { Problem } from './problem.ts'

/** A Fastify instance whose handlers are typed by their TypeBox schemas. */
export type Control = FastifyInstance<
  RawServerDefault,
  FastifyRequest['raw'],
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What routes need of the server around them: the address at which a request reached the emulator, or is to reach it. */
export type BaseOf = (request: FastifyRequest) => string

const json = 'application/json; charset=utf-8'

/** Makes routes of control operations; what can be read has `HEAD` too. */
export function serveOperations(
  app: FastifyInstance,
  ids: readonly ControlOperationId[],
  plane: ControlPlane,
  baseOf: BaseOf,
): void {
  const takesFile = (id: ControlOperationId) => 'takes' in controlOperations[id]
  serve(
    app,
    ids.filter((id) => !takesFile(id)),
    plane,
    baseOf,
  )
  app.register(async (files) => {
    files.removeAllContentTypeParsers()
    files.addContentTypeParser('*', (_request: FastifyRequest, stream: Readable) => archiveFrom(stream))
    serve(files, ids.filter(takesFile), plane, baseOf)
  })
}

function serve(app: FastifyInstance, ids: readonly ControlOperationId[], plane: ControlPlane, baseOf: BaseOf): void {
  for (const id of ids) {
    const contract: ControlOperation = controlOperations[id]
    const { method, path, responses } = contract
    const usual = Number(Object.keys(responses)[0])
    app.route({
      method: method === 'GET' ? ['GET', 'HEAD'] : method,
      url: path.replace(/\{(\w+)\}/g, ':$1'),
      async handler(request, reply) {
        const { params, body = null } = request
        reply.code(usual)
        const context = {
          plane,
          base: baseOf(request),
          created: () => void reply.code(201),
          unavailable: () => void reply.code(503),
          isTrusted: plane.isProtected,
          lastEventId: lastEventIdOf(request),
        }
        const answer = await perform(id, { params, query: queryFor(id, request), body }, context)
        return answer instanceof PassThrough
          ? sendEvents(reply, answer, plane.streams)
          : sendWhole(request, reply, answer, contract)
      },
    })
  }
}

function sendWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: unknown,
  contract: ControlOperation,
): FastifyReply {
  if (answer instanceof ArchiveFile) return sendFile(reply, answer)
  if (answer === undefined) return reply.send()
  if (typeof answer === 'string') return reply.type(String(contract.responses[200]?.mediaType)).send(answer)
  // As text: in it, what was sent stands as it was written.
  const text = isWritten(answer) ? answer.toText() : jsonOf(answer)
  return contract.isTagged ? sendTagged(request, reply, text) : reply.type(json).send(text)
}

const lastEventIdOf = ({ headers }: FastifyRequest): string | undefined => headers['last-event-id']?.toString()

/**
 * A query as its contract has it: of parameters that are lists, all that were sent; of others, the only one.
 *
 * @throws Problem 400 where one is there twice, because whoever wrote it meant either both or neither
 */
function queryFor(id: ControlOperationId, { exchange }: FastifyRequest): Record<string, unknown> {
  const { query }: ControlOperation = controlOperations[id]
  if (query === undefined) return {}
  const found = new Map<string, string | string[]>()
  for (const [name, value] of exchange.target.pairs) {
    const before = found.get(name)
    if (query.properties[name]?.['type'] === 'array') found.set(name, [...(before ?? []), value])
    else if (before === undefined) found.set(name, value)
    else throw new Problem(400, `query/${name} was given twice; give it once`)
  }
  return Object.fromEntries(found)
}

/** What is written otherwise than as the JSON of its values. */
const isWritten = (answer: unknown): answer is { toText(): string } => typeof Object(answer).toText === 'function'

function sendTagged(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const etag = `"${hash('sha256', text, 'base64url')}"`
  reply.header('etag', etag).header('cache-control', 'no-cache')
  return request.headers['if-none-match']?.includes(etag) ? reply.code(304).send() : reply.type(json).send(text)
}

/** Streams end by themselves when the server stops. */
export function endStreams(app: FastifyInstance, { streams }: ControlPlane): void {
  app.addHook('preClose', (done) => {
    for (const stream of streams) stream.end()
    done()
  })
}

function sendEvents(reply: FastifyReply, events: PassThrough, streams: Set<PassThrough>): FastifyReply {
  reply.headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  streams.add(events)
  events.once('close', () => streams.delete(events))
  if (reply.request.method !== 'HEAD') return reply.send(events)
  events.destroy()
  return reply.send()
}

function sendFile(reply: FastifyReply, { name, bytes, pieces }: ArchiveFile): FastifyReply {
  return reply
    .type(archiveType)
    .header('content-length', bytes)
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Readable.from(pieces))
}
