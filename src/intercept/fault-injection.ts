import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { uploadPart } from '../../schemas/index.ts'
import type { AnotherClient } from '../http/another-client.ts'
import type { PreparedAnswer } from '../http/envelope.ts'
import { prepareAnswer, sendAnswer } from '../http/envelope.ts'
import type { Exchange } from '../http/exchange.ts'
import { askForBody } from '../http/store-answers.ts'
import { wait } from '../process/real-time.ts'
import type { Fault, FaultEffect } from '../world/fault.ts'
import type { FaultPlan, WorkOutcome } from '../world/fault-plan.ts'
import type { World } from '../world/world.ts'
import { cutOff, cutOffWithin, slow, truncate } from './cutting.ts'
import type { Injected } from './injected.ts'
import { injectedAnswer, isInjected } from './injected.ts'
import { reserveItems, takesItems } from './items.ts'
import type { Footing } from './meanwhile.ts'
import { footingOf, intrude, isOpenTo } from './meanwhile.ts'
import { subjectOf } from './subject.ts'

export const faultHeader = 'x-emulator-fault'

/** The world that an exchange names, where there is one of this name. */
type WorldOf = (exchange: Exchange) => World | undefined

/** Makes faults happen: before the work where they keep it from being done, behind it where they spoil its answer. */
export function interceptExchanges(app: FastifyInstance, worldOf: WorldOf, another: AnotherClient): void {
  app.addHook('preHandler', (request, reply, done) => {
    const { exchange } = request
    if (exchange.operation === null || exchange.trial) return done()
    const world = worldOf(exchange)
    if (world === undefined) return done() // one that this request is about to make has no faults
    const { unkindness } = world
    if (unkindness) exchange.latency = Math.round(unkindness.random.fraction() * unkindness.latencyMs)
    if (world.faults.isEmpty || !instead(world, exchange.operation, request, reply, another)) done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const { faultPlan, latency, world: own } = request.exchange
    const world = own ?? worldOf(request.exchange)
    // The usual case, and the only one that has to be fast.
    const isPlain = world === undefined || (faultPlan === null && latency === 0)
    if (isPlain) done(null, payload)
    else finish(world, reply, String(payload ?? '')).then((sent) => done(null, sent), done)
  })
}

/** Whether an effect has anything to act on: no gateway stands before the object store, say. */
export function concerns(effect: FaultEffect, operation: string, footing: Footing): boolean {
  if (effect.type === 'gateway') return operation !== uploadPart
  if (effect.type === 'meanwhile') return isOpenTo(effect, operation, footing)
  return effect.type !== 'failItems' || takesItems(operation, footing.body, effect)
}

/** What operation and body decide, before authorization. Says whether a fault took the answer over. */
function instead(
  world: World,
  operation: string,
  request: FastifyRequest,
  reply: FastifyReply,
  another: AnotherClient,
): boolean {
  const { body, exchange } = request
  const subject = subjectOf(world, operation, request)
  const footing = footingOf(request)
  const { plan, interlopers, delay } = world.faults.plan(subject, (effect) => concerns(effect, operation, footing))
  exchange.faultPlan = plan
  if (delay) {
    exchange.latency += world.faults.span(delay.effect)
    exchange.besides.push({ id: delay.id, effect: delay.effect })
  }
  for (const interloper of interlopers) {
    if (intrude(world, interloper, request, another)) exchange.besides.push(interloper.fault)
  }
  const { first } = plan
  if (first?.effect.type === 'failItems') reserveItems(operation, body, first.effect)
  if (first === undefined || !(first.effect.type === 'reset' || isInjected(first.effect))) return false
  decide(plan, request.exchange, 'instead')
  request.raw.on('error', () => undefined) // nobody reads on, and what comes may be no body
  if (isInjected(first.effect)) sendAnswer(reply, world, answerOf(world, request.exchange, first, first.effect))
  else {
    askForBody(reply)
    cutOffWithin(reply, delayed(request.exchange), first.effect.at ?? 0)
  }
  return true
}

function decide(plan: FaultPlan, exchange: Exchange, outcome: WorkOutcome): Fault | undefined {
  const fault = plan.decide(outcome)
  const shown = fault ?? exchange.besides.at(-1)
  exchange.fault = shown?.id ?? null
  exchange.effect = shown?.effect.type ?? null
  return fault
}

function answerOf(world: World, exchange: Exchange, { id }: Fault, effect: Injected): PreparedAnswer {
  exchange.isInjected = true
  return injectedAnswer(world, exchange, effect, `fault ${id}: ${effect.type}`)
}

const delayed = async ({ latency }: Exchange): Promise<void> => {
  if (latency > 0) await wait(latency)
}

/** What becomes of an answer, now that it is known whether the request was accepted. */
async function finish(world: World, reply: FastifyReply, payload: string): Promise<string | Readable> {
  const { request } = reply
  const plan = request.exchange.faultPlan
  const isOpen = plan !== null && !plan.isDecided
  const fault = isOpen
    ? decide(plan, request.exchange, request.exchange.isAccepted ? 'accepted' : 'refused')
    : undefined
  const sent =
    fault && isInjected(fault.effect)
      ? prepareAnswer(reply, world, answerOf(world, request.exchange, fault, fault.effect))
      : payload
  if (request.exchange.fault !== null) reply.header(faultHeader, request.exchange.fault)
  await delayed(request.exchange)
  return fault ? spoiled(reply, sent, fault) : sent
}

function spoiled(reply: FastifyReply, payload: string, { effect }: Fault): string | Readable | Promise<never> {
  if (effect.type === 'reset' || effect.type === 'loseAnswer') return cutOff(reply)
  const isLonger = effect.type === 'truncate' && Buffer.byteLength(payload) > effect.bytes
  if (isLonger) return truncate(reply, payload, effect.bytes)
  return effect.type === 'slow' ? slow(reply, payload, effect.bytesPerSecond) : payload
}
