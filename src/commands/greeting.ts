import { basePath } from '../../schemas/common.ts'
import { controlPath } from '../../schemas/control.ts'
import type { Settings } from '../settings/settings.ts'
import type { World } from '../world/world.ts'
import type { FirstCall } from './first-calls.ts'
import { example, firstCalls, now } from './first-calls.ts'

/** What a person sees first: where it listens, over which database, in which modes, and requests to try. */
export function greeting(url: string, world: World, settings: Settings, platform = process.platform): string {
  const { db, durability, control, open } = settings
  const { auth, devices, errorStatus } = world.settings
  const kept = open === undefined ? 'continued; a seed is applied to a new database only' : `the world of ${open}`
  const origin = world.seeded ? `seed ${settings.seed}` : kept
  const call = platform === 'win32' ? powershell : curl
  const isKnown = auth === 'known'
  const place = {
    base: `${url}${basePath}`,
    isSecure: settings.tlsCert !== undefined,
    token: isKnown ? '$TOKEN' : 'any-token',
  }
  const calls = firstCalls(world).map((one) => `\n${one.title}\n${call({ ...place, ...one })}\n`)
  return `
KooDrive backup emulator on ${url}
${control === 'on' ? `  page      ${url}${controlPath}\n` : ''}  database  ${db} (${origin})
  modes     auth=${auth} devices=${devices} error-status=${errorStatus} durability=${durability}
${isKnown ? `  ${tokenNote(url, world, control === 'on')}\n` : ''}${calls.join('')}
`
}

/** What to put in the place of a token, where only those are taken that were issued. */
function tokenNote(url: string, world: World, hasControl: boolean): string {
  const { userId } = example
  if (world.store.access.tokens().some((token) => token.user_id === userId))
    return 'put a token of your seed in place of $TOKEN'
  const how = hasControl ? `POST ${url}${controlPath}/worlds/default/tokens issues one` : 'a seed can have one'
  return `$TOKEN is a token of user ${userId}, who has none yet: ${how}`
}

interface Call extends FirstCall {
  /** What stands before its path. */
  readonly base: string
  readonly isSecure: boolean
  readonly token: string
}

/** For a POSIX shell. */
function curl({ base, isSecure, token, method, path, body }: Call): string {
  const quoted = `'${body.replace(now, "'$(date +%s)'")}'`
  return [
    `  curl ${isSecure ? '-k ' : ''}-X ${method} ${base}${path}`,
    `-H "Authorization: Bearer ${token}" -H 'X-User-Id: ${example.userId}'`,
    `-H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" -H 'Content-Type: application/json'`,
    `-d ${quoted}`,
  ].join(' \\\n    ')
}

/** For PowerShell, where `curl` is something else and quotes do not reach programs. */
function powershell({ base, isSecure, token, method, path, body }: Call): string {
  const date = String.raw`[DateTime]::UtcNow.ToString('yyyyMMdd\THHmmss\Z')`
  const quoted = `('${body.replace(now, "' + [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() + '")}')`
  return [
    `  Invoke-RestMethod -Method ${method} -Uri ${base}${path}${isSecure ? ' -SkipCertificateCheck' : ''}`,
    `-Headers @{ Authorization = "Bearer ${token}"; 'X-User-Id' = '${example.userId}'; 'X-Date' = ${date} }`,
    `-ContentType 'application/json'`,
    `-Body ${quoted}`,
  ].join(' `\n    ')
}
