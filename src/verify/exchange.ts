import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
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
  readonly patienceMillis: number
  /** Told of every exchange, as it was: with secrets. */
  readonly observe?: (evidence: Evidence) => void
}

/** Connections that are kept open between requests. */
export function openConnections({ patienceMillis, observe }: ConnectionOptions): Connections {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) }
  const begin = (method: string, url: URL, headers: OutgoingHttpHeaders): ClientRequest =>
    url.protocol === 'https:'
      ? https.request(url, { method, headers, agent: agents.https })
      : http.request(url, { method, headers, agent: agents.http })
  return {
    async exchange(method, url, headers, body) {
      const shown = typeof body === 'string' ? body : `(${body.length} bytes)`
      const request = { method, url: url.href, headers, body: shown }
      try {
        const message = await answerTo(begin(method, url, headers), body, patienceMillis)
        const received = await text(message)
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

const answerTo = (request: ClientRequest, body: string | Uint8Array, patienceMillis: number) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const lose = () => request.destroy(new Error(`no answer within ${patienceMillis / 1000} seconds`))
    request.setTimeout(patienceMillis, lose).on('response', resolve).on('error', reject)
    request.end(body)
  })

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
