import { once } from 'node:events'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { getCACertificates } from 'node:tls'
import type { Evidence } from './evidence.ts'
import { TargetLost } from './target-lost.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** `undefined` where the text is no JSON. */
  readonly json: unknown
}

export interface Connections {
  /** @throws TargetLost where no answer comes */
  exchange(method: string, url: URL, headers: OutgoingHttpHeaders, body: string | Uint8Array): Promise<Answer>
  readonly close: () => void
}

export interface ConnectionOptions {
  /** For a whole exchange. */
  readonly patienceMillis: number
  /** Certificates to trust beside the usual ones, in PEM. */
  readonly ca?: string | undefined
  /** Told of every exchange, as it was: with secrets. */
  readonly observe?: (evidence: Evidence) => void
}

/** Connections that are kept open between requests. */
export function openConnections({ patienceMillis, ca, observe }: ConnectionOptions): Connections {
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
      const begun = begin(method, url, headers)
      try {
        const { message, received } = await answerTo(begun, body, patienceMillis)
        const { statusCode: status = 0, headers: answered } = message
        observe?.({ request, response: { status, headers: answered, body: received } })
        return { status, headers: answered, text: received, json: parsed(received) }
      } catch (error) {
        const lost = new TargetLost(error)
        observe?.({ request, response: { error: lost.message } })
        throw lost
      }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
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
    return { message, received: await text(message) }
  }
  return whole()
    .catch((error: unknown) => {
      throw lateness ?? error // what a destroyed answer says of itself is less
    })
    .finally(() => clearTimeout(timer))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
