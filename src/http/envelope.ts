import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { CatalogueEntry, Refusal } from '../errors.ts'
import type { World } from '../world/world.ts'

const jsonType = 'application/json; charset=utf-8'
export const reasonHeader = 'x-emulator-reason'
const longestReason = 512

/** An answer, ready to be sent. */
export interface Answer {
  readonly status: number
  /** The business code in it; `null` where it has none. */
  readonly code: number | null
  readonly body: string
  readonly reason: string | undefined
}

/** COM-8: the payload comes first, then `code` and `msg`. */
const success = (payload: object, remark: string | undefined): Answer => ({
  status: 200,
  code: 0,
  body: closed(JSON.stringify(payload)),
  reason: remark,
})

const successEnd = '"code":0,"msg":"success"}'

/** Text is cheaper to add to than a payload is to copy. */
const closed = (text: string): string => (text === '{}' ? `{${successEnd}` : `${text.slice(0, -1)},${successEnd}`)

function refusalEnvelope(world: World, { key, reason, status }: Refusal): Answer {
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
  return sendAnswer(reply, world, success(payload, remark))
}

/** Answers a call that is refused; the one place where a refusal becomes HTTP. */
export function sendRefusal(reply: FastifyReply, world: World, refusal: Refusal): FastifyReply {
  return sendAnswer(reply, world, refusalEnvelope(world, refusal))
}

/** Answers, and remembers with what: the body for whoever looks at the exchange afterwards. */
export function sendAnswer(reply: FastifyReply, world: World, answer: Answer): FastifyReply {
  const { request } = reply
  request.code = answer.code
  request.answer = answer.body
  if (answer.reason !== undefined) {
    request.reason = printable(answer.reason)
    reply.header(reasonHeader, request.reason)
  }
  return reply
    .code(answer.status)
    .header('date', httpDate(world.clock.signingNow()))
    .header('content-type', jsonType)
    .send(answer.body)
}

/** The second that was written last; most answers share theirs with the one before. */
let lastWritten = { second: Number.NaN, text: '' }

function httpDate(millis: number): string {
  const second = Math.floor(millis / 1000)
  if (second !== lastWritten.second) lastWritten = { second, text: new Date(millis).toUTCString() }
  return lastWritten.text
}

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
