import { basePath } from '../../schemas/common.ts'
import { controlPath } from '../../schemas/control.ts'
import type { Settings } from '../settings/settings.ts'
import type { World } from '../world/world.ts'

/** The user, device and configuration of the vendor's examples. */
const example = {
  userId: '1505084218764547200',
  deviceId: '1842812272691451648',
  moduleCode: '102',
  configName: 'backend_backup_switch',
  values: ['101test2value', '101test2value2'],
} as const

/** What a person sees first: where it listens, over which database, in which modes, and requests to try. */
export function greeting(url: string, world: World, settings: Settings, platform = process.platform): string {
  const { db, durability, control, open } = settings
  const { auth, devices, errorStatus } = world.settings
  const kept = open === undefined ? 'continued; a seed is applied to a new database only' : `the world of ${open}`
  const origin = world.seeded ? `seed ${settings.seed}` : kept
  const call = platform === 'win32' ? powershell : curl
  const place = { base: `${url}${basePath}/device/${example.deviceId}`, isSecure: settings.tlsCert !== undefined }
  const token = auth === 'known' ? '$TOKEN' : 'any-token'
  return `
KooDrive backup emulator on ${url}
${control === 'on' ? `  page      ${url}${controlPath}\n` : ''}  database  ${db} (${origin})
  modes     auth=${auth} devices=${devices} error-status=${errorStatus} durability=${durability}
${auth === 'known' ? '  put a token of your seed in place of $TOKEN\n' : ''}
Add a backup scope
${call({ ...place, token, method: 'POST', path: 'scope', body: scopeBody })}

Change a configuration (a second time, it is refused: its value is another by then)
${call({ ...place, token, method: 'PATCH', path: 'config', body: configBody(world) })}

`
}

interface Call {
  /** The address of the device. */
  readonly base: string
  readonly isSecure: boolean
  readonly token: string
  readonly method: string
  readonly path: string
  /** Where `now` stands in it, the shell puts the time, so that no call repeats an earlier one. */
  readonly body: string
}

const now = '@now@'

/** For a POSIX shell. */
function curl({ base, isSecure, token, method, path, body }: Call): string {
  const quoted = `'${body.replace(now, "'$(date +%s)'")}'`
  return [
    `  curl ${isSecure ? '-k ' : ''}-X ${method} ${base}/${path}`,
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
    `  Invoke-RestMethod -Method ${method} -Uri ${base}/${path}${isSecure ? ' -SkipCertificateCheck' : ''}`,
    `-Headers @{ Authorization = "Bearer ${token}"; 'X-User-Id' = '${example.userId}'; 'X-Date' = ${date} }`,
    `-ContentType 'application/json'`,
    `-Body ${quoted}`,
  ].join(' `\n    ')
}

const scopeBody = JSON.stringify({
  moduleCode: example.moduleCode,
  scopeList: [{ localPath: `/contacts/${now}`, targetFolderPath: '/backup' }],
})

/** From the present value, whatever it has become, to another. */
function configBody(world: World): string {
  const { userId, deviceId, moduleCode, configName, values } = example
  const { devices, configs } = world.store
  const device = devices.find(userId, deviceId)
  const present =
    (device && configs.find(device.key, moduleCode, configName)) ??
    configs.initialValue(moduleCode, configName) ??
    values[0]
  const next = present === values[1] ? values[0] : values[1]
  return JSON.stringify({ moduleCode, configName, currentConfigValue: present, newConfigValue: next })
}
