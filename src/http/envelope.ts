import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { CatalogueEntry, Refusal } from '../errors.ts'
import type { World } from '../world/world.ts'

const jsonType = 'application/json; charset=utf-8'
export const reasonHeader = 'x-emulator-reason'
const longestReason = 512

interface Envelope {
  readonly status: number
  readonly code: number
  readonly body: string
  readonly reason: string | undefined
}

/** COM-8: the payload comes first, then `code` and `msg`. */
const success = (payload: object, remark: string | undefined): Envelope => ({
  status: 200,
  code: 0,
  body: JSON.stringify({ ...payload, code: 0, msg: 'success' }),
  reason: remark,
})

function refusalEnvelope(world: World, { key, reason, status }: Refusal): Envelope {
  const { code, msg, status: usual }: CatalogueEntry = world.errors[key]
  const http = status ?? (usual === 400 && world.settings.errorStatus === 'ok' ? 200 : usual)
  return { status: http, code, body: JSON.stringify({ code, msg }), reason }
}

/** DEC-15: printable ASCII, at most 512 characters. */
const printable = (reason: string): string => reason.replace(/[^\x20-\x7e]/g, '?').slice(0, longestReason)

/** Answers a call that succeeded. */
export function sendSuccess(
  reply: FastifyReply,
  world: World,
  payload: object,
  remark: string | undefined,
): FastifyReply {
  return send(reply, world, success(payload, remark))
}

/** Answers a call that is refused; the one place where a refusal becomes HTTP. */
export function sendRefusal(reply: FastifyReply, world: World, refusal: Refusal): FastifyReply {
  return send(reply, world, refusalEnvelope(world, refusal))
}

function send(reply: FastifyReply, world: World, envelope: Envelope): FastifyReply {
  const { request } = reply
  request.code = envelope.code
  if (envelope.reason !== undefined) {
    request.reason = printable(envelope.reason)
    reply.header(reasonHeader, request.reason)
  }
  return reply
    .code(envelope.status)
    .header('date', httpDate(world.clock.signingNow()))
    .header('content-type', jsonType)
    .send(envelope.body)
}

const httpDate = (millis: number): string => new Date(millis).toUTCString()

/** A refused answer for a bare socket, whole, where no reply exists because Node could not read the request. */
export function rawRefusal(world: World, refusal: Refusal) {
  const { status, code, body, reason = '' } = refusalEnvelope(world, refusal)
  const answer = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `date: ${httpDate(world.clock.signingNow())}`,
    `content-type: ${jsonType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${reasonHeader}: ${printable(reason)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
  return { status, code, reason: printable(reason), answer }
}
