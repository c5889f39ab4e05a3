import http from 'node:http'
import { basePath } from '../../schemas/common.ts'

export interface Reply {
  /** `undefined` where the connection ended without an answer. */
  readonly status: number | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
  /** Whether the answer ended before its end. */
  readonly isTorn: boolean
}

export interface Ask {
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: unknown
  readonly agent?: http.Agent
}

/** So long nobody here lets anybody wait. */
const longestMillis = 20_000

/** One request, whatever becomes of it. */
export function ask(
  base: string,
  target: string,
  { method = 'GET', headers = {}, body, agent }: Ask = {},
): Promise<Reply> {
  const { hostname, port } = new URL(base)
  const isBytes = Buffer.isBuffer(body)
  const payload = body === undefined ? undefined : isBytes ? body : Buffer.from(JSON.stringify(body))
  const own = payload
    ? { 'content-length': payload.length, ...(isBytes ? {} : { 'content-type': 'application/json' }) }
    : {}
  return new Promise((resolve) => {
    const lost = () => resolve({ status: undefined, headers: {}, body: Buffer.alloc(0), isTorn: true })
    const options = { hostname, port, method, path: target, headers: { ...own, ...headers }, agent: agent ?? false }
    const request = http.request(options, (response) => {
      const pieces: Buffer[] = []
      const end = () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(pieces),
          isTorn: !response.complete,
        })
      response.on('data', (piece: Buffer) => pieces.push(piece)).on('close', end)
      response.on('error', () => undefined)
    })
    request.on('error', lost).setTimeout(longestMillis, () => request.destroy())
    request.end(payload)
  })
}

export const jsonOf = ({ body }: Reply): Record<string, unknown> => {
  try {
    return Object(JSON.parse(body.toString()))
  } catch {
    return {}
  }
}

const xDate = (): string => new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')

export const honest = (): Record<string, string> => ({
  authorization: 'Bearer any-token',
  'x-user-id': '1001',
  'x-date': xDate(),
})

/** A call of the backup API in a world. */
export const call = (base: string, world: string, target: string, { headers, ...more }: Ask = {}): Promise<Reply> =>
  ask(base, `/worlds/${world}${basePath}${target}`, { ...more, headers: { ...honest(), ...headers } })

/** What `devicesIn` answers where the connection ended without an answer. */
export const lost = 'no answer'

/** The names of the devices in a world, or what was answered in their place. */
export async function devicesIn(base: string, world: string, agent?: http.Agent): Promise<string[] | string> {
  const reply = await call(base, world, '/device', agent ? { agent } : {})
  const { code, data } = jsonOf(reply)
  if (reply.status === undefined) return lost
  if (code !== 0) return `${reply.status} ${reply.body.toString().slice(0, 100)}`
  return (data as { machineCode: string }[]).map(({ machineCode }) => machineCode)
}

export async function bind(base: string, world: string, machineCode: string): Promise<void> {
  const reply = await call(base, world, '/device', { method: 'POST', body: { machineCode } })
  if (jsonOf(reply)['code'] !== 0) throw new Error(`${world}: ${reply.status} ${reply.body}`)
}
