import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { basePath } from '../schemas/common.ts'
import type { OperationId } from '../schemas/index.ts'
import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { pathOf } from '../schemas/operation.ts'
import { RequestTarget } from '../src/http/request-target.ts'
import type { SignedRequest } from '../src/http/signature.ts'
import type { Credentials } from './credentials.ts'
import { authorizationOf } from './credentials.ts'
import type { Evidence } from './evidence.ts'
import type { Answer } from './http-client.ts'
import { openHttpClient, sendable } from './http-client.ts'

export type { Answer } from './http-client.ts'

/** One request. What is not said is honest: the user, the credentials, the time. */
export interface Call {
  readonly params?: Readonly<Record<string, string>>
  /** `undefined` leaves one out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown
  readonly lockId?: string
  /** In place of the honest ones; `undefined` leaves one out, a list sends it so many times. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  readonly user?: string
  /** Makes the `Authorization` of the request as it is sent. */
  readonly authorize?: (request: SignedRequest) => string
  /** Milliseconds between the target's time and the `X-Date` sent; negative is the past. */
  readonly datedBy?: number
}

/** A server that claims to speak the backup API, and one user of it. */
export interface Target {
  readonly userId: string
  readonly credentials: Credentials
  /** Unix milliseconds by the target's own clock, as its last `Date` header had it. */
  now(): number
  /** @throws TargetLost where no answer comes, Unsendable where what it gave cannot be sent, Departure where its answer has no end */
  call(operation: OperationId, call?: Call): Promise<Answer>
  /** Any request at all below the base path. @throws as `call` */
  send(method: string, path: string, call?: Call): Promise<Answer>
  /** Sends bytes to an address that the target gave. @throws as `call` */
  upload(url: string, bytes: Uint8Array): Promise<Answer>
  close(): void
}

export interface TargetOptions {
  /** What stands before the base path: scheme, host, port, perhaps a world's prefix. */
  readonly url: string
  readonly userId: string
  readonly credentials: Credentials
  /** After so long without an answer the target counts as lost. */
  readonly patienceMillis?: number
  /** Certificates to trust beside the usual ones, in PEM. */
  readonly ca?: string | undefined
  /** Told of every exchange, as it was: with secrets. */
  readonly observe?: (evidence: Evidence) => void
  /** Unix milliseconds. */
  readonly wallClock?: () => number
}

/** `X-Date` for an instant (COM-4). */
export const dated = (millis: number): string => new Date(millis).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** A clock that says more has no `X-Date` of four digits to a year. */
const lastYear = Date.UTC(9999, 0)

/** A client of a target, over connections that it keeps. */
export function createTarget(options: TargetOptions): Target {
  const { userId, credentials, observe, ca, patienceMillis = 15_000, wallClock = Date.now } = options
  const base = new URL(options.url)
  const prefix = base.pathname.replace(/\/+$/, '')
  // By the target's clock, so that a wrong clock here, or one that stands still there, refuses nothing.
  let [seenThere, seenHere] = [wallClock(), wallClock()]
  const now = () => seenThere + wallClock() - seenHere
  const connections = openHttpClient({ patienceMillis, ca, ...(observe && { observe }) })

  async function exchange(method: string, target: string, headers: OutgoingHttpHeaders, body: string | Uint8Array) {
    const url = sendable(() => new URL(target, base))
    const answer = await connections.exchange(method, url, headers, body)
    const there = Date.parse(answer.headers.date ?? '')
    if (there >= 0 && there < lastYear) [seenThere, seenHere] = [there, wallClock()]
    return answer
  }

  async function request(method: string, path: string, call: Call = {}): Promise<Answer> {
    const target = `${prefix}${path}${sendable(() => queryText(call))}`
    const body = bodyText(call)
    const honest = {
      host: base.host,
      'x-user-id': call.user ?? userId,
      'x-date': dated(now() + (call.datedBy ?? 0)),
      ...(call.lockId !== undefined && { 'x-backup-lock-id': call.lockId }),
      ...(body !== '' && { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}` }),
    }
    const sent = { ...honest, ...call.headers }
    const authorize = call.authorize ?? ((request: SignedRequest) => authorizationOf(credentials, request))
    const authorization = authorize({
      method,
      target: new RequestTarget(target),
      headers: sent as IncomingHttpHeaders,
      body,
    }) // as they arrive
    const all = Object.entries({ authorization, ...sent })
    return exchange(method, target, Object.fromEntries(all.filter(([, value]) => value !== undefined)), body)
  }

  return {
    userId,
    credentials,
    now,
    send: (method, path, call) => request(method, `${basePath}${path}`, call),
    async call(operation, call = {}) {
      const contract = contracts[operation]
      return request(
        contract.method,
        sendable(() => filledPath(contract, call)),
        call,
      )
    },
    upload: (url, bytes) => exchange('PUT', url, { 'content-length': `${bytes.length}` }, bytes),
    close: connections.close,
  }
}

const filledPath = (contract: Operation, { params = {} }: Call): string =>
  pathOf(contract).replace(/\{(\w+)\}/g, (_, name: string) => segmentOf(`${params[name]}`))

/** @throws URIError where it would lead to another path */
function segmentOf(text: string): string {
  if (/^\.{0,2}$/.test(text)) throw new URIError(`"${text}" is no name in a path`)
  return encodeURIComponent(text)
}

const bodyText = ({ body }: Call): string => (typeof body === 'string' ? body : (JSON.stringify(body) ?? ''))

function queryText({ query = {} }: Call): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
  )
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}
