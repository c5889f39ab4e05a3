import type { FaultRequest } from '../../schemas/control-faults.ts'
import { effects, timings } from '../../schemas/control-faults.ts'
import type { OperationId } from '../../schemas/index.ts'
import { contracts, operationNames, uploadPart } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { bodilessStatuses, catalogue } from '../errors.ts'
import { compileDefect } from '../http/validation.ts'
import { gatewayCodes } from '../intercept/gateway.ts'
import { batches } from '../intercept/items.ts'
import { hasUser, namesIn, whyNoOperation } from '../intercept/meanwhile.ts'
import type { EffectOf, FaultEffect, FaultTiming, Intrusion, NewFault, Retry } from '../world/fault.ts'
import type { WorldSettings } from '../world/world-settings.ts'
import { requireShallow } from './depth.ts'
import { boundedSpanIn } from './instants.ts'
import { Problem } from './problem.ts'

/**
 * A fault as it was asked for, once it is sure that it can fire.
 *
 * @param settings those of its world
 * @throws Problem 400 naming the field, or why it never could
 */
export function checkFault(request: FaultRequest, settings: Pick<WorldSettings, 'auth'>): NewFault {
  requireShallow(request, 'body')
  const { operations, deviceId, body, when, effect } = request
  const names = operationsOf(operations)
  checkPart(effects, effect.type, effect, 'body/effect')
  if (when) checkPart(timings, Object.keys(when).join(' and '), when, 'body/when')
  const checked = effect as FaultEffect // its own form has just been checked
  checkEffect(checked, names)
  if (checked.type === 'meanwhile') checkMeanwhile(checked, names, settings)
  if (deviceId !== undefined) require(names.some(namesDevice), 'body/deviceId: none of these operations names a device')
  if (body !== undefined)
    require(names.some((name) => contractOf(name)?.body), 'body/body: none of these operations has a body of JSON')
  return {
    operations,
    effect: checked,
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(body === undefined ? {} : { body }),
    ...(when === undefined ? {} : { when: when as FaultTiming }), // likewise
  }
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new Problem(400, otherwise)
}

/** That of an operation; an upload has none. */
const contractOf = (name: string): Operation | undefined =>
  Object.hasOwn(contracts, name) ? contracts[name as OperationId] : undefined // whose ids are its names

function operationsOf(operations: FaultRequest['operations']): readonly string[] {
  if (operations === '*') return operationNames
  const unknown = operations.findIndex((name) => !operationNames.includes(name))
  require(unknown < 0, `body/operations/${unknown} is no operation; expected one of ${operationNames.join(', ')}`)
  return operations
}

function checkPart(
  forms: Readonly<Record<string, Parameters<typeof compileDefect>[0]>>,
  type: string,
  part: object,
  where: string,
): void {
  const form = Object.hasOwn(forms, type) ? forms[type] : undefined
  if (form === undefined)
    throw new Problem(400, `${where} is not known; expected one of ${Object.keys(forms).join(', ')}`)
  const defect = compileDefect(form, where)(part)
  require(defect === undefined, defect ?? '')
}

export function namesDevice(name: string): boolean {
  const { params, query, body } = contractOf(name) ?? {}
  return [params, query, body].some((part) => part !== undefined && 'deviceId' in part.properties)
}

/** What the forms cannot say: effects that could never happen, or that nobody could tell apart. */
function checkEffect(effect: FaultEffect, names: readonly string[]): void {
  if (effect.type === 'latency') checkLatency(effect)
  else if (effect.type === 'refuse') checkRefusal(effect)
  else if (effect.type === 'html') checkHtml(effect)
  else if (effect.type === 'gateway') checkGateway(effect, names)
  else if (effect.type === 'failItems') checkItems(effect, names)
  else if (effect.type === 'reset' && effect.at !== undefined)
    require(names.includes(uploadPart), `body/effect/at: only ${uploadPart} is cut within its body`)
}

/** What could never happen, because there is nothing to do, nobody to do it to, or nothing that it would change. */
function checkMeanwhile(
  effect: EffectOf<'meanwhile'>,
  names: readonly string[],
  { auth }: Pick<WorldSettings, 'auth'>,
): void {
  const { type: _, advance, expireToken, again, requests = [] } = effect
  require(Object.keys(effect).length > 1, 'body/effect needs advance, expireToken, again or requests')
  if (advance !== undefined)
    require(boundedSpanIn('body/effect/advance', advance) > 0, 'body/effect/advance is no time at all')
  if (expireToken) {
    require(auth === 'known', 'body/effect/expireToken: this world takes any token; begin it with "auth":"known"')
    require(names.some((name) => name !== uploadPart), `body/effect/expireToken: no token comes with ${uploadPart}`)
  }
  if (again) {
    require(Object.keys(again).length > 0, 'body/effect/again changes nothing; expected what is other in the body')
    require(names.some(
      (name) => contractOf(name)?.body,
    ), 'body/effect/again: none of these operations has a body of JSON')
  }
  for (const [index, request] of requests.entries()) checkIntrusion(request, `body/effect/requests/${index}`, names)
}

function checkIntrusion(request: Intrusion, where: string, names: readonly string[]): void {
  const mistake = whyNoOperation(request)
  require(mistake === undefined, `${where}: ${mistake}`)
  const asked = namesIn(request)
  const isForParts = names.every((name) => name === uploadPart)
  require(!isForParts || hasUser(request), `${where}/headers: a part names no user to act for; expected x-user-id`)
  const holder = names.some((name) => asked.every((one) => namesOf(name).includes(one)))
  const expected = 'expected names of its path, of its query, or of the top of its body'
  require(holder, `${where}: no request of these operations has ${asked.join(' and ')}; ${expected}`)
}

/** What a request of an operation can have by name. */
const namesOf = (name: string): string[] =>
  name === uploadPart
    ? ['uploadId', 'part']
    : [contractOf(name)?.params, contractOf(name)?.query, contractOf(name)?.body].flatMap((part) =>
        Object.keys(part?.properties ?? {}),
      )

function checkLatency({ ms, min, max }: EffectOf<'latency'>): void {
  const longest = max ?? ms
  require(longest !== undefined, 'body/effect needs ms, or min and max')
  require(ms === undefined || (min ?? max) === undefined, 'body/effect takes ms, or min and max, not both')
  require((min ?? 0) <= Number(longest), 'body/effect/min is larger than max')
}

/** The object store is not behind the gateway (UPL-5). */
function checkGateway({ code }: EffectOf<'gateway'>, names: readonly string[]): void {
  requireKnown('code', code, gatewayCodes, ' [COM-17]')
  const isBehind = names.some((name) => name !== uploadPart)
  require(isBehind, `body/operations: no gateway stands before the object store, so none answers ${uploadPart}`)
}

function requireKnown(field: string, value: string, known: object, facts = ''): void {
  const names = Object.keys(known).join(', ')
  require(Object.hasOwn(known, value), `body/effect/${field} is not known; expected one of ${names}${facts}`)
}

function checkItems({ indexes, match }: EffectOf<'failItems'>, names: readonly string[]): void {
  const known = Object.keys(batches).join(' or ')
  require(names.some((name) => name in batches), `body/operations: failItems needs an operation with items, ${known}`)
  require((indexes === undefined) !== (match === undefined), 'body/effect needs indexes or match, and not both')
  if (match !== undefined) checkMatch(match, names)
}

/** Items to add are objects, those to delete are ids. */
function checkMatch(match: unknown, names: readonly string[]): void {
  const isObject = typeof match === 'object' && match !== null && !Array.isArray(match)
  const id = isObject ? 'batchAddBackupScope' : 'batchDeleteBackupScope'
  const isPossible = (isObject || typeof match === 'string') && names.includes(id)
  require(isPossible, 'body/effect/match is no item of these operations; expected properties of one to add, or an id to delete')
}

function checkRefusal({ error, status, code, msg, ...retry }: EffectOf<'refuse'>): void {
  const isOwn = status !== undefined || code !== undefined || msg !== undefined
  require((error !== undefined) !== isOwn, 'body/effect needs error, or any of status, code and msg, and not both')
  if (error !== undefined) requireKnown('error', error, catalogue)
  requireBody(status)
  requireRetry(retry)
}

function checkHtml({ status, ...retry }: EffectOf<'html'>): void {
  requireBody(status)
  requireRetry(retry)
}

const requireBody = (status: number | undefined): void =>
  require(status === undefined ||
    !bodilessStatuses.includes(
      status,
    ), `body/effect/status: an answer with ${status} has no body; expected another from 200 to 599`)

const requireRetry = ({ retryAfter, retryAfterForm }: Retry): void =>
  require(retryAfterForm === undefined || retryAfter !== undefined, 'body/effect/retryAfterForm needs retryAfter')
