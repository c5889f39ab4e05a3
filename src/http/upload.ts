import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal } from '../errors.ts'
import { judgePut } from '../uploads/admission.ts'
import type { DigestState } from '../uploads/hash-ctx.ts'
import { linkKeyOf, placeOf } from '../uploads/links.ts'
import type { StoreRefusal } from '../uploads/store-errors.ts'
import type { World } from '../world/world.ts'
import { ArrivingBody } from './arriving-body.ts'
import type { WorldAccess } from './bind.ts'
import { answeringWorld, partAddress } from './bind.ts'
import { sendAnswer } from './envelope.ts'
import type { Exchange } from './exchange.ts'
import { keepPart, partOf, startFor } from './part.ts'
import { asRefusal } from './refusals.ts'
import { uploadPath } from './route.ts'
import { askForBody, isWaiting, sendStoreRefusal, sendTaken, storeAnswer } from './store-answers.ts'
import { requireWholePart } from './whole-part.ts'

/**
 * The object store of all worlds (UPL-5, DEC-41). It counts and hashes what comes and keeps no byte of it, so that the longest
 * part takes no more memory than the shortest; one that breaks off leaves everything as it was.
 */
export function serveUploads(uploads: FastifyInstance, access: WorldAccess): void {
  uploads.removeAllContentTypeParsers()
  uploads.addContentTypeParser('*', (_request, _payload, done) => done(null))
  uploads.addHook('preParsing', (request, _reply, _payload, done) => {
    request.headers = { 'content-type': 'application/octet-stream' } // any is taken, one that Fastify cannot read included
    done()
  })
  // What was refused before anybody read it is counted all the same.
  uploads.addHook('onSend', ({ exchange, raw }, _reply, _payload, done) => {
    if (exchange.bodySize < 0 && !exchange.trial && !isWaiting(raw)) exchange.arriving = new ArrivingBody(raw, false)
    done()
  })
  uploads.put(uploadPath, async (request, reply) => {
    const { exchange, raw } = request
    exchange.check = 'part'
    raw.on('error', () => undefined) // whoever reads is told as well
    try {
      return await take(request, reply, access)
    } catch (error) {
      return answerFailure(error, reply, answeringWorld(access, exchange))
    }
  })
}

async function take(request: FastifyRequest, reply: FastifyReply, access: WorldAccess): Promise<FastifyReply> {
  const { exchange, raw } = request
  const world = worldFor(exchange, access)
  const grant = judge(request, world, access)
  if ('code' in grant) return refuseRead(reply, world, grant)
  if (exchange.trial) return sendTaken(reply, world, '')
  exchange.enter(world)
  const start = startFor(world, exchange.route.params, grant.hashCtx)
  askForBody(reply)
  const { hashPart } = await import('../uploads/digest.ts') // with its library, for those who upload
  const came = await hashPart(counted(exchange, raw), start)
  if (came.size !== Number(raw.headers['content-length'])) return sendStoreRefusal(reply, world, incomplete)
  const before = world.store.rowsWritten()
  const stored = { ...came, hasHashCtx: grant.hashCtx !== undefined }
  const kept = exchange.during(world, () => keepPart(world, exchange.route.params, stored, start))
  if (kept !== undefined && 'code' in kept) return sendStoreRefusal(reply, world, kept)
  exchange.rowsWritten = world.store.rowsWritten() - before
  return sendTaken(reply, world, came.etag, kept?.remark)
}

/** A world is not made by an upload: one that is not there has no uploads, unless it is elsewhere. */
function worldFor({ worldName }: Exchange, access: WorldAccess): World {
  if (typeof worldName !== 'string') throw worldName
  const world = access.find(worldName)
  const absence = world ? undefined : access.absence(worldName)
  if (absence?.key === 'unknownWorld') throw absence
  return world ?? access.newcomer
}

interface Grant {
  readonly hashCtx: DigestState | undefined
}

function judge(request: FastifyRequest, world: World, access: WorldAccess): Grant | StoreRefusal {
  const { exchange, raw } = request
  const { target, worldName, route, trial } = exchange
  const name = String(worldName)
  const { uploadId = '', part: number = '' } = route.params
  const printed = partAddress(access, request, name, uploadId, encodeURIComponent(number))
  const put = {
    ...placeOf(printed),
    query: target.isQueryReadable ? target.pairs : [],
    contentLength: raw.headers['content-length'],
  }
  const part = access.find(name) === undefined ? undefined : partOf(world, route.params)
  const now = trial?.now ?? world.clock.signingNow()
  const judgement = judgePut(put, linkKeyOf(name, world.settings.random), part, now)
  return 'code' in judgement ? judgement : (requireWholePart(raw.headers) ?? judgement)
}

/**
 * Many clients read no answer before all is sent: what is refused is read to its end. One that waits to be asked for its bytes
 * is not kept waiting.
 */
async function refuseRead(reply: FastifyReply, world: World, refusal: StoreRefusal): Promise<FastifyReply> {
  const { raw, exchange } = reply.request
  const isSent = !exchange.trial && !isWaiting(raw) && raw.headers['content-length'] !== undefined
  if (isSent) for await (const _ of counted(exchange, raw));
  return sendStoreRefusal(reply, world, refusal)
}

async function* counted(exchange: Exchange, stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  exchange.bodySize = 0
  for await (const chunk of stream) {
    exchange.bodySize += chunk.length
    yield chunk
  }
}

const incomplete: StoreRefusal = {
  code: 'IncompleteBody',
  reason: 'the body is not as long as Content-Length says; nothing of it is kept [DEC-41]',
}

/** What was thrown, as the store says it: the emulator's own failures, what is no request, and a body that broke off. */
function answerFailure(error: unknown, reply: FastifyReply, world: World): FastifyReply {
  const { exchange, raw, log } = reply.request
  const brokeOff = !raw.complete && raw.destroyed && !isRefusal(error)
  const refusal = brokeOff ? undefined : asRefusal(error, log)
  if (!refusal || refusal.key === 'malformed') return sendStoreRefusal(reply, world, incomplete)
  if (refusal.key === 'unknownWorld')
    return sendStoreRefusal(reply, world, { code: 'SlowDown', reason: refusal.reason })
  if (refusal.key === 'invalid')
    return sendStoreRefusal(reply, world, { code: 'InvalidRequest', reason: refusal.reason })
  const answer = storeAnswer(exchange, { code: 'InternalError', reason: refusal.reason })
  return sendAnswer(reply, world, { ...answer, refusal })
}
