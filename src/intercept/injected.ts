import { STATUS_CODES } from 'node:http'
import { uploadPart } from '../../schemas/index.ts'
import type { ErrorKey } from '../errors.ts'
import { Refusal } from '../errors.ts'
import type { PreparedAnswer } from '../http/envelope.ts'
import { refusalEnvelope } from '../http/envelope.ts'
import type { Exchange } from '../http/exchange.ts'
import { storeAnswer, storeCodeOf } from '../http/store-answers.ts'
import type { EffectOf, FaultEffect } from '../world/fault.ts'
import type { World } from '../world/world.ts'
import type { GatewayCode } from './gateway.ts'
import { gatewayCodes } from './gateway.ts'
import { retryAfter } from './retry-after.ts'

/** Effects that answer in place of the emulator. */
const injected = ['refuse', 'throttle', 'gateway', 'html', 'redirect'] as const

export type Injected = EffectOf<(typeof injected)[number]>

export const isInjected = (effect: FaultEffect): effect is Injected => injected.some((type) => type === effect.type)

/** The answer that an effect gives, with its cause as the reason. */
export function injectedAnswer(world: World, exchange: Exchange, effect: Injected, why: string): PreparedAnswer {
  switch (effect.type) {
    case 'throttle':
      return withRetry(world, refused(world, exchange, throttling, why), { retryAfter: 1, ...effect })
    case 'refuse':
      return withRetry(world, refused(world, exchange, effect, why), effect)
    case 'gateway':
      return gatewayAnswer(world, effect, why)
    case 'html':
      return withRetry(world, page(effect.status ?? 200, why, effect.body), effect)
    case 'redirect':
      return { ...page(effect.status, why), headers: { ...htmlType, location: effect.location } }
  }
}

const throttling: EffectOf<'refuse'> = { type: 'refuse', error: 'throttled' }

/** A refusal in the words of whoever is asked: the object store has its own (DEC-41). */
function refused(world: World, exchange: Exchange, effect: EffectOf<'refuse'>, reason: string): PreparedAnswer {
  if (exchange.operation !== uploadPart) return refusalOf(world, effect, reason)
  const known = effect.error as ErrorKey | undefined // checked when the fault was made
  const status = effect.status ?? (known === undefined ? 400 : world.errors[known].status)
  return storeAnswer(exchange, { code: storeCodeOf(status), status, message: effect.msg, reason })
}

const withRetry = (
  world: World,
  answer: PreparedAnswer,
  effect: EffectOf<'throttle' | 'refuse' | 'html'>,
): PreparedAnswer => ({
  ...answer,
  headers: { ...answer.headers, ...retryAfter(effect, world.clock.signingNow()) },
})

function refusalOf(world: World, { error, status, code, msg }: EffectOf<'refuse'>, reason: string): PreparedAnswer {
  const known = error as ErrorKey | undefined // checked when the fault was made
  if (known !== undefined) return refusalEnvelope(world, new Refusal(known, reason))
  const { internal } = world.errors
  const answer = { code: code ?? internal.code, msg: msg ?? internal.msg }
  return { status: status ?? 400, code: answer.code, body: JSON.stringify(answer), reason }
}

function gatewayAnswer(world: World, effect: EffectOf<'gateway'>, reason: string): PreparedAnswer {
  const { status, message } = gatewayCodes[effect.code as GatewayCode] // checked when the fault was made
  const body = { error_code: effect.code, error_msg: message, request_id: world.faults.requestId() }
  return { status, code: null, body: JSON.stringify(body), reason }
}

const htmlType = { 'content-type': 'text/html; charset=utf-8' } as const

/** What a proxy or the portal of a network answers: nothing that a client of this API could read. */
function page(status: number, reason: string, given?: string): PreparedAnswer {
  const title = status === 200 ? 'Sign in to this network' : `${status} ${STATUS_CODES[status] ?? ''}`
  const body = `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`
  return { status, code: null, body: given ?? body, reason, headers: htmlType }
}
