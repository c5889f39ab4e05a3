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
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMillis) })
    const answer: unknown = await response.json()
    const healthy = typeof answer === 'object' && answer !== null && 'status' in answer && answer.status === 'ok'
    return say(healthy ? `${url} is ok` : `${url} answers ${response.status}, but not as an emulator would`, healthy)
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error
    return say(`${url} does not answer: ${messageOf(cause)}`, false)
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
    if (URL.canParse(url)) return url
  } catch (error) {
    throw new SettingsError(`health: ${messageOf(error)}`)
  }
  throw new SettingsError('health --url takes an address such as http://127.0.0.1:4020')
}
