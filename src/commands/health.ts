import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { controlPath } from '../../schemas/control.ts'
import { messageOf } from '../process/startup-error.ts'
import { baseUrl } from '../settings/forms.ts'
import { readTexts, remarksOn, resolveSettings, SettingsError } from '../settings/settings.ts'
import { addressOf } from './listen.ts'

const patienceMillis = 2000

/**
 * Asks a running emulator whether it serves; a container's health check and a pipeline's wait.
 *
 * @returns 0 if it does, 1 if not, saying why
 * @throws SettingsError for anything but `--url URL`
 */
export async function checkHealth(args: readonly string[]): Promise<number> {
  const url = new URL(`${baseOf(args)}${controlPath}/health`)
  try {
    const response = await responseFrom(url)
    if (isHealthy(await text(response))) return say(`${url} is ok`, true)
    return say(`${url} answers ${response.statusCode}, but not as an emulator would`, false)
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error
    return say(`${url} does not answer: ${messageOf(cause)}`, false)
  }
}

/** What an emulator answers to a `GET`, whoever it is. */
export async function responseFrom(url: URL, headers: http.OutgoingHttpHeaders = {}): Promise<IncomingMessage> {
  const signal = AbortSignal.timeout(patienceMillis)
  // The question is whether it serves, not who it is: certificates of one's own making are the usual ones here.
  const options = { headers, signal, agent: false, rejectUnauthorized: false } as const
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

/** The address that is named, or the one where an emulator with these surroundings listens. */
function baseOf(args: readonly string[]): string {
  const named = namedIn(args)
  if (named === undefined) return ownAddress(process.env)
  try {
    return baseUrl(named)
  } catch {
    throw new SettingsError('health --url takes an address such as http://127.0.0.1:4020')
  }
}

function namedIn(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { url: { type: 'string' } } }).values.url
  } catch (error) {
    throw new SettingsError(`health: ${messageOf(error)}`)
  }
}

function ownAddress(environment: NodeJS.ProcessEnv): string {
  // Whoever asks need not have the key.
  const { tlsKey: _, ...texts } = readTexts([], environment)
  const settings = resolveSettings({ ...texts, tlsCert: undefined })
  for (const remark of remarksOn(environment)) process.stderr.write(`${remark}\n`)
  if (settings.port === 0) throw new SettingsError(`health cannot know which port was free; name it with --url`)
  return addressOf({ ...settings, tlsCert: texts.tlsCert })
}
