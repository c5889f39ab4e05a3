import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { controlPath } from '../../schemas/control.ts'
import { definitions, environmentName, SettingsError } from '../settings.ts'
import { messageOf } from '../startup-error.ts'

const patienceMillis = 2000

/**
 * Asks a running emulator whether it serves; a container's health check and a pipeline's wait.
 *
 * @returns 0 if it does, 1 if not, saying why
 * @throws SettingsError for anything but `--url URL`
 */
export async function checkHealth(args: readonly string[]): Promise<number> {
  const url = new URL(`${controlPath}/health`, baseUrl(args))
  try {
    const response = await answerOf(url)
    if (isHealthy(await text(response))) return say(`${url} is ok`, true)
    return say(`${url} answers ${response.statusCode}, but not as an emulator would`, false)
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error
    return say(`${url} does not answer: ${messageOf(cause)}`, false)
  }
}

async function answerOf(url: URL): Promise<IncomingMessage> {
  const signal = AbortSignal.timeout(patienceMillis)
  // The question is whether it serves, not who it is: certificates of one's own making are the usual ones here.
  const options = { signal, agent: false, rejectUnauthorized: false } as const
  const request = url.protocol === 'https:' ? https.get(url, options) : http.get(url, options)
  const [response] = (await once(request, 'response')) as [IncomingMessage] // as the event is documented
  return response
}

function isHealthy(answer: string): boolean {
  try {
    const { status }: { status?: unknown } = Object(JSON.parse(answer))
    return status === 'ok'
  } catch {
    return false
  }
}

function say(sentence: string, healthy: boolean): number {
  const stream = healthy ? process.stdout : process.stderr
  stream.write(`${sentence}\n`)
  return healthy ? 0 : 1
}

function baseUrl(args: readonly string[]): string {
  const port = process.env[environmentName('port')] || definitions.port.fallback
  const scheme = process.env[environmentName('tlsCert')] ? 'https' : 'http'
  try {
    const { values } = parseArgs({ args: [...args], options: { url: { type: 'string' } } })
    const url = values.url ?? `${scheme}://127.0.0.1:${port}`
    if (/^https?:/i.test(url) && URL.canParse(url)) return url
  } catch (error) {
    throw new SettingsError(`health: ${messageOf(error)}`)
  }
  throw new SettingsError('health --url takes an address such as http://127.0.0.1:4020')
}
