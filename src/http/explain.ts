import type { IncomingHttpHeaders } from 'node:http'
import type { ExplainRequest, Explanation } from '../../schemas/control.ts'
import type { Refusal } from '../errors.ts'
import { isRefusal, refuse } from '../errors.ts'
import type { World } from '../world/world.ts'
import { commit } from '../world/world.ts'
import { isJson, largestBody, parseText, tooLarge, wrongMediaType } from './body.ts'
import type { BoundOperation, ReadRequest } from './operation.ts'
import { unknownRoute, unreadableQuery } from './refusals.ts'
import { canonicalParts, canonicalRequest, parseAppAuthorization, stringToSign } from './signature.ts'
import { isQueryReadable, pathOf, routeForm } from './target.ts'
import { withoutWorld, worldNameOf } from './world-name.ts'

type Enter = (check: string) => void

/** Thrown to undo a trial that went well. */
const passed = Symbol('the trial passed')

/** Answers whether a request would be accepted, and changes nothing: whatever the trial wrote is undone. */
export function explainerOf(operations: readonly BoundOperation[]) {
  const routes = operations.map((operation) => ({ operation, form: routeForm(operation.contract.path) }))
  return (world: World, question: ExplainRequest): Explanation => {
    const request = requestOf(question)
    let check = ''
    const enter = (next: string) => {
      check = next
    }
    try {
      return commit(world, () => {
        throw attempt(routes, worldAt(world, question.now), request, enter)
      })
    } catch (thrown) {
      const signing = signingOf(request)
      if (thrown === passed) return { accepted: true, check: null, code: 0, reason: null, ...signing }
      if (!isRefusal(thrown)) throw thrown
      return { accepted: false, check, code: world.errors[thrown.key].code, reason: thrown.reason, ...signing }
    }
  }
}

interface Route {
  readonly operation: BoundOperation
  readonly form: RegExp
}

/** The checks of DEC-1, in its order. Answers `passed`, or the refusal of a rule. */
function attempt(routes: readonly Route[], world: World, request: ReadRequest, enter: Enter): typeof passed | Refusal {
  const { method, headers, bodyText } = request
  const url = withoutWorld(request.url)
  enter('route')
  const route = routes.find(({ operation, form }) => operation.contract.method === method && form.test(pathOf(url)))
  if (route === undefined) throw unknownRoute(method, url)
  enter('media type')
  if (bodyText !== '' && !isJson({ raw: { headers } })) throw wrongMediaType()
  enter('body size')
  if (Buffer.byteLength(bodyText) > largestBody) throw tooLarge()
  enter('syntax')
  const params = decodeParams(route.form.exec(pathOf(url))?.groups)
  const body = bodyText === '' ? undefined : parseText(bodyText)
  if (!isQueryReadable(url)) throw unreadableQuery()
  enter('world')
  worldNameOf({ originalUrl: request.url, headers })
  const outcome = route.operation.perform(world, { ...request, params, body }, enter)
  return isRefusal(outcome) ? outcome : passed
}

function decodeParams(groups: Readonly<Record<string, string>> = {}): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch {
    throw refuse('malformed', 'path has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]')
  }
}

/** The same world, its clocks standing at another instant for the trial. */
function worldAt(world: World, now: string | undefined): World {
  if (now === undefined) return world
  const instant = Date.parse(now)
  return { ...world, clock: { ...world.clock, stateNow: () => instant, signingNow: () => instant } }
}

function requestOf({ method, path, headers, body }: ExplainRequest): ReadRequest {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const))
  const bodyText = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body)
  return {
    method: method.toUpperCase(),
    url: path,
    headers: joined(lines),
    rawHeaders: lines.flat(),
    params: {},
    body: undefined,
    bodyText,
    uploadUrl: () => '',
  }
}

/** As Node does it: of a repeated header, the values joined; of `Authorization` and `Content-Type`, the first. */
function joined(lines: readonly (readonly [name: string, value: string])[]): IncomingHttpHeaders {
  const headers: Record<string, string> = {}
  for (const [name, value] of lines) {
    const key = name.toLowerCase()
    const before = Object.hasOwn(headers, key) ? headers[key] : undefined
    if (before === undefined) headers[key] = value.trim()
    else if (key !== 'authorization' && key !== 'content-type') headers[key] = `${before}, ${value.trim()}`
  }
  return headers
}

function isReadable(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}

/** For a request that carries an app signature: what the emulator computes over it, up to but never with the secret. */
function signingOf(request: ReadRequest): Pick<Explanation, 'canonicalRequest' | 'stringToSign'> {
  const claim = parseAppAuthorization(request.headers.authorization ?? '')
  if (claim === undefined || !isReadable(request.url)) return {}
  const parts = canonicalParts({ ...request, body: request.bodyText }, claim.signedHeaders)
  const canonical = canonicalRequest(request.method, claim.signedHeaders, parts)
  return { canonicalRequest: canonical, stringToSign: stringToSign(canonical) }
}
