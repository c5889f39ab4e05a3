import type { Contracts } from '../../schemas/index.ts'
import { refuse } from '../errors.ts'
import type { ConfigChange } from '../store/configs.ts'
import type { World } from '../world/world.ts'
import { deviceForReading, deviceForWriting, deviceOfPath } from './device.ts'
import type { Rule, RuleRequest } from './rule.ts'

/** CFG-1, CFG-2, DEC-22, DEC-23: the value changes only where the present one is the one the caller believes. */
export const updateConfigInfo: Rule<Contracts['updateConfigInfo']> = (world, request) => {
  const device = deviceForWriting(world, deviceOfPath(request))
  const { moduleCode, configName, currentConfigValue, newConfigValue } = request.body
  const change = { device, moduleCode, configName, currentValue: currentConfigValue, newValue: newConfigValue }
  if (!world.store.configs.compareAndSet(change)) setUnset(world, change)
  return { data: { deviceId: request.params.deviceId, moduleCode, configName, configValue: newConfigValue } }
}

/** DEC-22: a configuration never set on this device has the catalogue's value or, under `adopt`, the one the caller believes. */
function setUnset(world: World, { device, moduleCode, configName, currentValue, newValue }: ConfigChange): void {
  const { configs } = world.store
  if (configs.find(device, moduleCode, configName) !== undefined) throw mismatch
  const ifNeverSeen = world.settings.devices === 'adopt' ? currentValue : undefined
  const assumed = configs.initialValue(moduleCode, configName) ?? ifNeverSeen
  if (assumed === undefined) throw unseen
  if (assumed !== currentValue) throw mismatch
  configs.set(device, moduleCode, configName, newValue)
}

const mismatch = refuse(
  'valueMismatch',
  'body/currentConfigValue is not the present value; nothing was changed [CFG-2 DEC-23]',
)

const unseen = refuse('notFound', 'body/configName: no such configuration, and devices=strict makes none [DEC-22]')

/** CFG-3, DEC-24. */
export const getConfigInfo: Rule<Contracts['getConfigInfo']> = (world, request) => {
  const data = configsOf(world, request).find(({ configName }) => configName === request.query.configName)
  if (data) return { data }
  throw refuse('notFound', 'query/configName: neither in the catalogue nor set on this device [DEC-24]')
}

/** CFG-4, DEC-24. */
export const listConfigInfos: Rule<Contracts['listConfigInfos']> = (world, request) => ({
  data: configsOf(world, request),
})

function configsOf(
  world: World,
  request: RuleRequest<Contracts['getConfigInfo']> | RuleRequest<Contracts['listConfigInfos']>,
) {
  const { deviceId } = request.params
  const { moduleCode } = request.query
  const device = deviceForReading(world, deviceOfPath(request))
  return world.store.configs
    .list(device?.key ?? null, moduleCode)
    .map(({ configName, configValue, description }) => ({ deviceId, moduleCode, configName, configValue, description }))
}
