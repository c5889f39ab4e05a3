import { once } from 'node:events'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { getCACertificates } from 'node:tls'
import { messageOf } from '../src/process/startup-error.ts'
import type { Evidence } from './evidence.ts'
import { Departure, TargetLost, Unsendable } from './failures.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** `undefined` where the text is no JSON. */
  readonly json: unknown
}

/** Far more than any list of this API, and little enough to be held. */
const longestAnswer = 64 * 1024 * 1024

export interface HttpClient {
  /** @throws TargetLost where no answer comes, Unsendable where the request has no form, Departure for an answer that is too long */
  exchange(method: string, url: URL, headers: OutgoingHttpHeaders, body: string | Uint8Array): Promise<Answer>
  readonly close: () => void
}

export interface HttpClientOptions {
  /** For a whole exchange. */
  readonly patienceMillis: number
  /** Certificates to trust beside the usual ones, in PEM. */
  readonly ca?: string | undefined
  /** Told of every exchange, as it was: with secrets. */
  readonly observe?: (evidence: Evidence) => void
}

/** Connections that are kept open between requests. */
export function openHttpClient({ patienceMillis, ca, observe }: HttpClientOptions): HttpClient {
  const trust = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true, ...trust }) }
  const begin = (method: string, url: URL, headers: OutgoingHttpHeaders): ClientRequest =>
    url.protocol === 'https:'
      ? https.request(url, { method, headers, agent: agents.https })
      : http.request(url, { method, headers, agent: agents.http })
  return {
    async exchange(method, url, headers, body) {
      const shown = typeof body === 'string' ? body : `(${body.length} bytes)`
      const request = { method, url: url.href, headers, body: shown }
      try {
        const { message, received } = await answerTo(
          sendable(() => begin(method, url, headers)),
          body,
          patienceMillis,
        )
        const { statusCode: status = 0, headers: answered } = message
        observe?.({ request, response: { status, headers: answered, body: received } })
        return { status, headers: answered, text: received, json: parsed(received) }
      } catch (error) {
        const failure = error instanceof Departure ? error : new TargetLost(error)
        observe?.({ request, response: { error: failure.message } })
        throw failure
      }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/**
 * Makes a part of a request, or all of it, from what the target may have given for it.
 *
 * @throws Unsendable where no request has such values
 */
export function sendable<Made>(make: () => Made): Made {
  try {
    return make()
  } catch (error) {
    const isOfValue = error instanceof URIError || `${Object(error).code}`.startsWith('ERR_')
    /* c8 ignore next -- anything else is a failure of the kit */
    throw isOfValue ? new Unsendable(`what it gave cannot be sent back: ${messageOf(error)}`) : error
  }
}

function answerTo(request: ClientRequest, body: string | Uint8Array, patienceMillis: number) {
  const arrival = once(request, 'response')
  request.on('error', () => {}) // once the answer has begun, its body tells of a failure as well
  let lateness: Error | undefined
  const timer = setTimeout(() => {
    lateness = new Error(`no answer within ${patienceMillis / 1000} seconds`)
    request.destroy(lateness)
  }, patienceMillis)
  const whole = async () => {
    request.end(body)
    const [message] = (await arrival) as [IncomingMessage] // as the event is documented
    return { message, received: await textOf(message) }
  }
  return whole()
    .catch((error: unknown) => {
      throw lateness ?? error // what a destroyed answer says of itself is less
    })
    .finally(() => clearTimeout(timer))
}

/** @throws Departure beyond what is held of an answer */
async function textOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of message) {
    length += piece.length
    if (length > longestAnswer) throw new Departure(`the answer is longer than ${longestAnswer} bytes`)
    pieces.push(piece)
  }
  return new TextDecoder().decode(Buffer.concat(pieces))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
