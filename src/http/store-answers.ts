import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { StoreErrorCode, StoreRefusal } from '../uploads/store-errors.ts'
import { errorDocument, storeErrors } from '../uploads/store-errors.ts'
import type { World } from '../world/world.ts'
import type { PreparedAnswer } from './envelope.ts'
import { prepareAnswer, sendAnswer } from './envelope.ts'
import type { Exchange } from './exchange.ts'

const xmlType = { 'content-type': 'application/xml' } as const

interface Spoken extends StoreRefusal {
  /** In place of the usual ones of the code. */
  readonly status?: number | undefined
  readonly message?: string | undefined
}

/** UPL-5, DEC-41: a refusal as the object store says it. */
export function storeAnswer({ target }: Exchange, { code, reason, status, message }: Spoken): PreparedAnswer {
  const requestId = hash('sha256', target.raw).slice(0, 16).toUpperCase()
  return {
    status: status ?? storeErrors[code].status,
    code: null,
    body: errorDocument(code, target.path, requestId, message),
    reason,
    storeRefusal: code,
    headers: xmlType,
  }
}

/** Which code goes with a status that somebody else chose. */
export function storeCodeOf(status: number): StoreErrorCode {
  if (status === 403 || status === 401) return 'AccessDenied'
  if (status === 404) return 'NoSuchUpload'
  if (status === 429 || status === 503) return 'SlowDown'
  return status >= 500 ? 'InternalError' : 'InvalidRequest'
}

export const sendStoreRefusal = (reply: FastifyReply, world: World, refusal: StoreRefusal): FastifyReply =>
  sendAnswer(reply, world, storeAnswer(reply.request.exchange, refusal))

/** A part was taken: no body, and the MD5 of what came as `ETag`. */
export function sendTaken(reply: FastifyReply, world: World, etag: string, remark?: string): FastifyReply {
  const headers = { etag: `"${etag}"` }
  prepareAnswer(reply, world, { status: 200, code: null, body: '', reason: remark, headers })
  return reply.removeHeader('content-type').send()
}

/** Whether a client waits to be told that its bytes are wanted. */
export const isWaiting = ({ headers }: IncomingMessage): boolean => /^100-continue$/i.test(headers.expect ?? '')

/** Tells one that waits that they are. */
export function askForBody({ raw, request }: FastifyReply): void {
  if (isWaiting(request.raw)) raw.writeContinue()
}
