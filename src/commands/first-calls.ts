import type { World } from '../world/world.ts'

/** The user, device and configuration of the vendor's examples. */
export const example = {
  userId: '1505084218764547200',
  deviceId: '1842812272691451648',
  moduleCode: '102',
  configName: 'backend_backup_switch',
  values: ['101test2value', '101test2value2'],
} as const

export interface FirstCall {
  readonly title: string
  readonly method: string
  /** Below the base path. */
  readonly path: string
  /** Where `now` stands in it, the shell puts the time, so that no call repeats an earlier one. */
  readonly body: string
}

export const now = '@now@'

/** Calls that pass in a world as it is: none of them names a device or a value that is refused there, or a scope too many. */
export function firstCalls(world: World): FirstCall[] {
  const { devices, scopesPerModule } = world.settings
  const device = world.store.devices.find(example.userId, example.deviceId)
  if (!(device?.bound ?? devices === 'adopt')) return [bindCall]
  const scopes = device ? world.store.scopes.count(device.key, example.moduleCode) : 0
  const present = presentValue(world, device?.key)
  return [...(scopes < scopesPerModule ? [scopeCall] : []), ...(present === undefined ? [] : [changeFrom(present)])]
}

const devicePath = `/device/${example.deviceId}`

const bindCall: FirstCall = {
  title: 'Bind a device; what else there is to call takes the deviceId of its answer',
  method: 'POST',
  path: '/device',
  body: JSON.stringify({ machineCode: `LAPTOP${now}` }),
}

const scopeCall: FirstCall = {
  title: 'Add a backup scope',
  method: 'POST',
  path: `${devicePath}/scope`,
  body: JSON.stringify({
    moduleCode: example.moduleCode,
    scopeList: [{ localPath: `/contacts/${now}`, targetFolderPath: '/backup' }],
  }),
}

/** From the present value, whatever it has become, to another. */
function changeFrom(present: string): FirstCall {
  const { moduleCode, configName, values } = example
  const next = present === values[1] ? values[0] : values[1]
  return {
    title: 'Change a configuration (a second time, it is refused: its value is another by then)',
    method: 'PATCH',
    path: `${devicePath}/config`,
    body: JSON.stringify({ moduleCode, configName, currentConfigValue: present, newConfigValue: next }),
  }
}

/** Of a configuration that was never set and is in no catalogue, any value is believed, or none. */
function presentValue({ store: { configs }, settings }: World, device: number | undefined): string | undefined {
  const { moduleCode, configName, values } = example
  const set = device === undefined ? undefined : configs.find(device, moduleCode, configName)
  const believed = settings.devices === 'adopt' ? values[0] : undefined
  return set ?? configs.initialValue(moduleCode, configName) ?? believed
}
