import type { FastifyRequest } from 'fastify'
import { uploadPart } from '../../schemas/index.ts'
import type { NamedParts } from '../../schemas/named-value.ts'
import { valueNamed } from '../../schemas/named-value.ts'
import type { AnotherClient, Unsent } from '../http/another-client.ts'
import { pathWithin, unsentRoute } from '../http/another-client.ts'
import { durationMillis } from '../world/duration.ts'
import type { EffectOf, Intrusion } from '../world/fault.ts'
import type { Interloper } from '../world/faults.ts'
import { expireToken } from '../world/tokens.ts'
import type { World } from '../world/world.ts'
import { setClock } from '../world/world.ts'

type Meanwhile = EffectOf<'meanwhile'>

const names = /\{(\w+)\}/g
/** A text of a body that stands for what the request has. */
const nameAlone = /^\{(\w+)\}$/

/** The names that a request of somebody else takes from the one in which it happens. */
export const namesIn = ({ path, body }: Intrusion): string[] =>
  [...path.matchAll(names)].map(([, name = '']) => name).concat(namesInBody(body))

function namesInBody(value: unknown): string[] {
  if (typeof value === 'string') return nameAlone.exec(value)?.slice(1) ?? []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namesInBody) : []
}

/** What keeps a request from being one of an operation. */
export const whyNoOperation = ({ method, path }: Intrusion): string | undefined =>
  unsentRoute(method, path.replace(names, '1')).route.refusal?.reason

/** Whether it names its user; a part of an upload names none that it could be done for. */
export const hasUser = ({ headers = {} }: Intrusion): boolean => headers['x-user-id'] !== undefined

/** What of a request somebody else may take up. */
export interface Footing extends NamedParts {
  readonly authorization: string | undefined
}

/** Whether a request has all that somebody else needs of it. */
export function isOpenTo(effect: Meanwhile, operation: string, footing: Footing): boolean {
  const isPart = operation === uploadPart
  if (effect.expireToken && (isPart || bearerIn(footing.authorization) === undefined)) return false
  if (effect.again && (isPart || !isObject(footing.body))) return false
  return (effect.requests ?? []).every(
    (one) => (!isPart || hasUser(one)) && namesIn(one).every((name) => valueNamed(name, footing) !== undefined),
  )
}

export const footingOf = ({ exchange: { route, target }, raw, body }: FastifyRequest): Footing => ({
  authorization: raw.headers.authorization,
  body,
  query: target.pairs,
  params: route.params,
})

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const bearerIn = (authorization: string | undefined): string | undefined =>
  /^bearer[ +](.+)$/i.exec(authorization ?? '')?.[1]

/**
 * What happens in a world just before a request is judged: time passes, the token expires, somebody else is quicker. Of all
 * that, a client can be blamed for nothing: it takes place past faults and journal.
 */
export function intrude(world: World, interloper: Interloper, request: FastifyRequest, act: AnotherClient): boolean {
  const { effect } = interloper
  const acts = [
    ...(effect.again ? [repeated(request, effect.again)] : []),
    ...(effect.requests ?? []).map((one) => unsent(one, request)),
  ]
  const hasPassed = effect.advance !== undefined && advance(world, effect.advance)
  const hasExpired =
    effect.expireToken === true && expireToken(world, String(bearerIn(request.raw.headers.authorization)))
  const refusals = acts.map((one) => ({ one, refusal: act(world, one) })).filter(({ refusal }) => refusal !== null)
  const hasHappened = hasPassed || hasExpired || refusals.length < acts.length
  const [last] = refusals.slice(-1)
  const { text } = request.exchange.redaction
  const refused = last && `${last.one.method} ${text(last.one.path)}: ${text(String(last.refusal?.reason))}`
  world.faults.note(interloper, hasHappened, refused)
  return hasHappened
}

function advance(world: World, duration: string): boolean {
  const state = world.clock.after({ advance: durationMillis(duration) })
  if (state) setClock(world, state)
  return state !== undefined
}

const headerOf = ({ raw }: FastifyRequest, name: string): string | undefined => {
  const value = raw.headers[name]
  return typeof value === 'string' ? value : undefined
}

function repeated(request: FastifyRequest, patch: object): Unsent {
  const { method, exchange } = request
  return {
    method,
    path: pathWithin(exchange.target),
    userId: String(headerOf(request, 'x-user-id')),
    lockId: headerOf(request, 'x-backup-lock-id'),
    body: patched(request.body, patch),
  }
}

function unsent({ method, path, headers = {}, body }: Intrusion, request: FastifyRequest): Unsent {
  const footing = footingOf(request)
  return {
    method,
    path: path.replace(names, (_, name) => encodeURIComponent(String(valueNamed(name, footing)).toWellFormed())),
    userId: headers['x-user-id'] ?? String(headerOf(request, 'x-user-id')),
    lockId: headers['x-backup-lock-id'] ?? headerOf(request, 'x-backup-lock-id'),
    body: filled(body, footing),
  }
}

function filled(value: unknown, footing: Footing): unknown {
  const name = typeof value === 'string' ? nameAlone.exec(value)?.[1] : undefined
  if (name !== undefined) return valueNamed(name, footing)
  if (Array.isArray(value)) return value.map((item) => filled(item, footing))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part, footing)]))
}

/** RFC 7396. */
function patched(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result = new Map(Object.entries(isObject(value) ? value : {}))
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) result.delete(name)
    else result.set(name, patched(result.get(name), part))
  }
  return Object.fromEntries(result)
}
