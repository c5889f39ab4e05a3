import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorKey } from '../errors.ts'
import { Refusal } from '../errors.ts'
import { sendAnswer, sendRefusal } from '../http/envelope.ts'
import type { FaultEffect } from '../world/faults.ts'
import type { World } from '../world/world.ts'
import type { GatewayCode } from './gateway.ts'
import { gatewayCodes } from './gateway.ts'
import type { WorldOf } from './recorder.ts'
import { subjectOf } from './subject.ts'
import { slowestMillis } from './unkind.ts'

export const faultHeader = 'x-emulator-fault'

declare module 'fastify' {
  interface FastifyRequest {
    /** How long the answer is to wait, in milliseconds. */
    latency: number
    /** The fault that lets it wait. */
    delayedBy: string | null
  }
}

type Of<Type extends FaultEffect['type']> = Extract<FaultEffect, { type: Type }>

/** Makes faults happen: before the work where they keep it from being done, behind it where they spoil its answer. */
export function interceptExchanges(app: FastifyInstance, worldOf: WorldOf): void {
  app.decorateRequest('latency', 0)
  app.decorateRequest('delayedBy', null)
  app.addHook('preHandler', (request, reply, done) => {
    if (request.operation === null) return done()
    const world = worldOf(request)
    if (world === undefined) return done() // one that this request is about to make has no faults
    if (world.unkindness) request.latency = Math.round(world.unkindness.fraction() * slowestMillis)
    if (world.faults.isEmpty || !instead(world, request.operation, request, reply)) done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const world = request.world ?? worldOf(request)
    // The usual case, and the only one that has to be fast.
    const isPlain = world === undefined || (world.faults.isEmpty && request.latency === 0)
    if (request.operation === null || isPlain) done(null, payload)
    else finish(world, request.operation, reply, String(payload)).then((sent) => done(null, sent), done)
  })
}

async function finish(
  world: World,
  operation: string,
  reply: FastifyReply,
  payload: string,
): Promise<string | Readable> {
  const { request } = reply
  request.fault ??= world.faults.takeReport()
  const spoil = spoiling(world, operation, request)
  request.fault ??= request.delayedBy
  if (request.fault !== null) reply.header(faultHeader, request.fault)
  if (request.latency > 0) await wait(request.latency, undefined, { ref: false })
  return spoil ? spoil(reply, payload) : payload
}

/** Faults that match once operation and body are known, before authorization. Says whether one took the answer over. */
function instead(world: World, operation: string, request: FastifyRequest, reply: FastifyReply): boolean {
  const subject = subjectOf(world, operation, request)
  const latency = world.faults.firing(['latency'], subject)
  if (latency) {
    request.latency += world.faults.span(latency.effect)
    request.delayedBy = latency.id
  }
  const fault = world.faults.firing(['refuse', 'throttle', 'gateway', 'reset'], subject)
  if (fault === undefined) return false
  request.fault = fault.id
  perform(world, fault.effect, reply, `fault ${fault.id}: ${fault.effect.type}`)
  return true
}

function perform(
  world: World,
  effect: Of<'refuse' | 'throttle' | 'gateway' | 'reset'>,
  reply: FastifyReply,
  why: string,
): void {
  if (effect.type === 'reset') cutOff(reply)
  else if (effect.type === 'gateway') answerAsGateway(world, effect, reply, why)
  else if (effect.type === 'throttle') {
    reply.header('retry-after', effect.retryAfter ?? 1)
    sendRefusal(reply, world, new Refusal('throttled', why))
  } else refuseAs(world, effect, reply, why)
}

function refuseAs(world: World, { error, status, code, msg }: Of<'refuse'>, reply: FastifyReply, why: string): void {
  const known = error as ErrorKey | undefined // checked when the fault was made
  if (known !== undefined) {
    sendRefusal(reply, world, new Refusal(known, why))
  } else {
    const answer = { code: code ?? world.errors.internal.code, msg: msg ?? world.errors.internal.msg }
    sendAnswer(reply, world, { status: status ?? 400, code: answer.code, body: JSON.stringify(answer), reason: why })
  }
}

function answerAsGateway(world: World, effect: Of<'gateway'>, reply: FastifyReply, why: string): void {
  const { status, message } = gatewayCodes[effect.code as GatewayCode] // checked when the fault was made
  const body = { error_code: effect.code, error_msg: message, request_id: world.faults.requestId() }
  sendAnswer(reply, world, { status, code: null, body: JSON.stringify(body), reason: why })
}

/** Ends the connection as a crash would: without a word. */
function cutOff(reply: FastifyReply): void {
  reply.hijack()
  const { socket } = reply.request.raw
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}

type Spoil = (reply: FastifyReply, payload: string) => Readable | Promise<never>

/** Faults that match accepted requests alone, save for slowness; the work is done by now. */
function spoiling(world: World, operation: string, request: FastifyRequest): Spoil | undefined {
  if (request.fault !== null) return undefined
  const types = request.code === 0 ? (['loseAnswer', 'truncate', 'slow'] as const) : (['slow'] as const)
  const fault = world.faults.firing<'loseAnswer' | 'truncate' | 'slow'>(types, subjectOf(world, operation, request))
  if (fault === undefined) return undefined
  request.fault = fault.id
  const { effect } = fault
  if (effect.type === 'loseAnswer') return lose
  if (effect.type === 'truncate') return (reply, payload) => truncate(reply, payload, effect.bytes)
  return (reply, payload) => slow(reply, payload, effect.bytesPerSecond)
}

/** The client never learns that the work was done. */
function lose(reply: FastifyReply): Promise<never> {
  cutOff(reply)
  return new Promise(() => undefined)
}

function truncate(reply: FastifyReply, payload: string, bytes: number): Promise<never> {
  const whole = Buffer.from(payload)
  const { raw } = reply
  const headers = { ...reply.getHeaders(), 'content-length': whole.length }
  for (const [name, value] of Object.entries(headers)) raw.setHeader(name, String(value))
  reply.hijack()
  raw.writeHead(reply.statusCode)
  raw.write(whole.subarray(0, bytes), () => raw.socket?.destroySoon())
  return new Promise(() => undefined)
}

/** How often a piece of a slow body goes out. */
const pieceMillis = 50

function slow(reply: FastifyReply, payload: string, bytesPerSecond: number): Readable {
  const whole = Buffer.from(payload)
  reply.header('content-length', whole.length)
  return Readable.from(pieces(whole, Math.max(1, Math.round((bytesPerSecond * pieceMillis) / 1000)), bytesPerSecond))
}

async function* pieces(whole: Buffer, size: number, bytesPerSecond: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < whole.length; start += size) {
    if (start > 0) await wait((size / bytesPerSecond) * 1000, undefined, { ref: false })
    yield whole.subarray(start, start + size)
  }
}
