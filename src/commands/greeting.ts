import { basePath } from '../../schemas/common.ts'
import type { Settings } from '../settings.ts'
import type { World } from '../world/world.ts'

/** The user, device and configuration of the vendor's examples. */
const example = {
  userId: '1505084218764547200',
  deviceId: '1842812272691451648',
  moduleCode: '102',
  configName: 'backend_backup_switch',
  values: ['101test2value', '101test2value2'],
} as const

/** What a person sees first: where it listens, over which database, in which modes, and a request to try for each operation. */
export function greeting(url: string, world: World, settings: Settings): string {
  const { db, auth, devices, errorStatus, durability } = settings
  const origin = world.seeded ? `seed ${settings.seed}` : 'continued; a seed is applied to a new database only'
  return `
KooDrive backup emulator on ${url}
  database  ${db} (${origin})
  modes     auth=${auth} devices=${devices} error-status=${errorStatus} durability=${durability}
${auth === 'known' ? '  put a token of your seed in place of $TOKEN\n' : ''}
Add a backup scope
${curl(url, settings, 'POST', 'scope', scopeBody())}

Change a configuration (a second time, it is refused: its value is another by then)
${curl(url, settings, 'PATCH', 'config', configBody(world))}

`
}

function curl(url: string, { auth, tlsCert }: Settings, method: string, path: string, body: string): string {
  return [
    `  curl ${tlsCert ? '-k ' : ''}-X ${method} ${url}${basePath}/device/${example.deviceId}/${path}`,
    `-H "Authorization: Bearer ${auth === 'known' ? '$TOKEN' : 'any-token'}" -H 'X-User-Id: ${example.userId}'`,
    `-H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" -H 'Content-Type: application/json'`,
    `-d ${body}`,
  ].join(' \\\n    ')
}

/** The path carries the time of the call, so that no call repeats an earlier one. */
const scopeBody = (): string =>
  `'{"moduleCode":"${example.moduleCode}","scopeList":[{"localPath":"/contacts/'$(date +%s)'","targetFolderPath":"/backup"}]}'`

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
  return `'${JSON.stringify({ moduleCode, configName, currentConfigValue: present, newConfigValue: next })}'`
}
