import type { ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { CatalogueEntry, Refusal } from '../errors.ts'
import type { StoreErrorCode } from '../uploads/store-errors.ts'
import type { World } from '../world/world.ts'

const jsonType = 'application/json; charset=utf-8'
export const reasonHeader = 'x-emulator-reason'
/** Of a refused answer: the number of its entry in the journal. */
export const requestHeader = 'x-emulator-request'
const longestReason = 512

/** An answer, ready to be sent. */
export interface PreparedAnswer {
  readonly status: number
  /** The business code in it; `null` where it has none. */
  readonly code: number | null
  readonly body: string
  /** Of a success, what the body says beside `code` and `msg`. */
  readonly payload?: object
  readonly reason: string | undefined
  /** What it refuses with; of the object store, its code. */
  readonly refusal?: Refusal
  readonly storeRefusal?: StoreErrorCode
  /** Beside the usual ones, or in place of one of them; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

interface Refused extends PreparedAnswer {
  readonly code: number
}

/** COM-8: the payload comes first, then `code` and `msg`. */
const success = (payload: object, remark: string | undefined, msg: string): PreparedAnswer => ({
  status: 200,
  code: 0,
  body: JSON.stringify({ ...payload, code: 0, msg }),
  payload,
  reason: remark,
})

/** The one place where a refusal becomes an answer. */
export function refusalEnvelope(world: World, refusal: Refusal): Refused {
  const { key, reason, status } = refusal
  const { code, msg, status: usual }: CatalogueEntry = world.errors[key]
  const http = status ?? (usual === 400 && world.settings.errorStatus === 'ok' ? 200 : usual)
  return { status: http, code, body: JSON.stringify({ code, msg }), reason, refusal }
}

/** DEC-15: printable ASCII, at most 512 characters. */
const printable = (reason: string): string => reason.replace(/[^\x20-\x7e]/g, '?').slice(0, longestReason)

/** Answers a call that succeeded. */
export function sendSuccess(
  reply: FastifyReply,
  world: World,
  payload: object,
  remark: string | undefined,
  msg: string,
): FastifyReply {
  return sendAnswer(reply, world, success(payload, remark, msg))
}

/** Answers a call that is refused. */
export function sendRefusal(reply: FastifyReply, world: World, refusal: Refusal): FastifyReply {
  return sendAnswer(reply, world, refusalEnvelope(world, refusal))
}

export const sendAnswer = (reply: FastifyReply, world: World, answer: PreparedAnswer): FastifyReply =>
  reply.send(prepareAnswer(reply, world, answer))

/**
 * Makes a reply this answer, and remembers it for whoever looks at the exchange afterwards.
 *
 * @returns the body, still to be sent
 */
export function prepareAnswer(reply: FastifyReply, world: World, answer: PreparedAnswer): string {
  const { exchange } = reply.request
  exchange.code = answer.code
  exchange.answer = answer.body
  exchange.payload = answer.payload ?? null
  exchange.refusal = answer.refusal ?? null
  exchange.storeRefusal = answer.storeRefusal ?? null
  if (answer.reason !== undefined) {
    exchange.reason = printable(answer.reason)
    reply.header(reasonHeader, exchange.reason)
  }
  reply.code(answer.status).header('content-type', jsonType).header('date', httpDate(world.clock.signingNow()))
  if (answer.headers) reply.headers(answer.headers)
  return answer.body
}

/** Whether any of an answer went out: one that waits for another before it on its connection may never come to that. */
export const hasBegun = ({ headersSent, writableFinished, socket }: ServerResponse): boolean =>
  headersSent && (writableFinished || socket !== null)

/** The second that was written last; most answers share theirs with the one before. */
let lastWritten = { second: Number.NaN, text: '' }

function httpDate(millis: number): string {
  const second = Math.floor(millis / 1000)
  if (second !== lastWritten.second) lastWritten = { second, text: new Date(millis).toUTCString() }
  return lastWritten.text
}

/** A refused answer as it goes out, and what it says. */
export interface RawRefusal {
  readonly status: number
  readonly code: number
  readonly reason: string
  readonly body: string
  readonly answer: string
}

/** A refused answer for a bare socket, whole, where no reply exists because Node could not read the request. */
export function rawRefusal(world: World, refusal: Refusal, headers: Readonly<Record<string, string>> = {}): RawRefusal {
  const { status, code, body, reason = '' } = refusalEnvelope(world, refusal)
  const answer = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `date: ${httpDate(world.clock.signingNow())}`,
    `content-type: ${jsonType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${reasonHeader}: ${printable(reason)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
    '',
    body,
  ].join('\r\n')
  return { status, code, reason: printable(reason), body, answer }
}
