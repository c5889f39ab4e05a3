import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:http'
import { basePath } from '../schemas/common.ts'
import { xDate as formOf } from '../src/http/headers.ts'
import type { Watch } from './watch.ts'
import { canaries } from './watch.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Call {
  readonly method: string
  /** Below the API's base path; one that begins with `!` or is an address is taken as it is. */
  readonly path: string
  readonly body?: unknown
  readonly userId?: string
  readonly lockId?: string
}

/** The connection ended before the answer was whole: nobody knows whether the work was done. */
export class Broken extends Error {}

export type Client = ReturnType<typeof clientOf>

const patienceMillis = 20_000

export const xDate = (millis = Date.now()): string => formOf(millis)

/** A client with one connection, which it keeps. Its token is a canary, and every answer is searched for that. */
export function clientOf(url: string, watch: Watch, date: () => string = xDate) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const headersOf = ({ userId = 'torture', lockId }: Call, text: string) => ({
    authorization: `Bearer ${canaries.token}`,
    'x-user-id': userId,
    'x-date': date(),
    ...(lockId === undefined ? {} : { 'x-backup-lock-id': lockId }),
    ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  })
  const addressOf = (path: string): string => {
    if (path.startsWith('http')) return path
    return path.startsWith('!') ? `${url}${path.slice(1)}` : `${url}${basePath}${path}`
  }
  return {
    /** @throws Broken */
    send(call: Call): Promise<Answer> {
      const text =
        call.body === undefined || typeof call.body === 'string' ? (call.body ?? '') : JSON.stringify(call.body)
      return new Promise((resolve, reject) => {
        const give = (error: Error) => reject(new Broken(`${call.method} ${call.path}: ${error.message}`))
        const outgoing = request(addressOf(call.path), { method: call.method, agent, headers: headersOf(call, text) })
        outgoing.setTimeout(patienceMillis, () => outgoing.destroy(new Error('no answer in 20 seconds')))
        outgoing.once('error', give).once('response', (response) => {
          const { statusCode: status = 0, headers } = response
          let body = ''
          response.setEncoding('utf8').on('data', (piece) => {
            body += piece
          })
          response.once('error', give).once('end', () => {
            watch.see(`${JSON.stringify(headers)}${body}`, `the answer to ${call.method} ${call.path}`)
            resolve({ status, headers, text: body })
          })
        })
        outgoing.end(text)
      })
    },
    close: () => agent.destroy(),
  }
}

/** Sends and takes the answer apart. @throws Error for anything but `code` 0, or a 2xx of the control plane */
export async function done<Body = unknown>(client: Client, call: Call): Promise<Body> {
  const { status, text } = await client.send(call)
  const body = text === '' ? undefined : JSON.parse(text)
  const isDone = call.path.startsWith('!') ? status < 300 : body?.code === 0
  if (isDone) return body
  throw new Error(`${call.method} ${call.path} ${JSON.stringify(call.body)}: ${status} ${text}`)
}
