import type { Contracts } from '../../schemas/index.ts'
import { refuse } from '../errors.ts'
import { deviceForWriting } from './device.ts'
import type { Rule } from './rule.ts'

/** CFG-1, CFG-2, DEC-22, DEC-23: the value changes only where the present one is the one the caller believes. */
export const updateConfigInfo: Rule<Contracts['updateConfigInfo']> = (world, request) => {
  const device = deviceForWriting(world, request)
  const { moduleCode, configName, currentConfigValue, newConfigValue } = request.body
  const { configs } = world.store
  const ifNeverSeen = world.settings.devices === 'adopt' ? currentConfigValue : null
  const assumed = configs.initialValue(moduleCode, configName) ?? ifNeverSeen
  const change = { device, moduleCode, configName, currentValue: currentConfigValue, newValue: newConfigValue }
  if (!configs.compareAndSet(change, assumed)) {
    if (assumed === null && configs.find(device, moduleCode, configName) === undefined) {
      throw refuse('notFound', 'body/configName: no such configuration, and devices=strict makes none [DEC-22]')
    }
    throw refuse(
      'valueMismatch',
      'body/currentConfigValue is not the present value; nothing was changed [CFG-2 DEC-23]',
    )
  }
  return { data: { deviceId: request.params.deviceId, moduleCode, configName, configValue: newConfigValue } }
}
