import type { Contracts } from '../../schemas/index.ts'
import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'
import { deviceForReading, deviceForWriting, deviceOfPath } from './device.ts'
import type { Rule, RuleRequest } from './rule.ts'

type Change = RuleRequest<Contracts['updateConfigInfo']>['body']

/** CFG-1, CFG-2, DEC-22, DEC-23: the value changes only where the present one is the one the caller believes. */
export const updateConfigInfo: Rule<Contracts['updateConfigInfo']> = (world, request) => {
  const { configs } = world.store
  const device = deviceForWriting(world, deviceOfPath(request))
  const { moduleCode, configName, currentConfigValue, newConfigValue } = request.body
  const stored = configs.find(device, moduleCode, configName)
  const present = stored ?? ifNeverSet(world, request.body)
  if (present !== currentConfigValue) return present === undefined ? unseen : mismatch
  if (stored === undefined) configs.set(device, moduleCode, configName, newConfigValue)
  else configs.change(device, moduleCode, configName, newConfigValue)
  return { data: { deviceId: request.params.deviceId, moduleCode, configName, configValue: newConfigValue } }
}

/** DEC-22: a configuration never set on a device has the catalogue's value or, under `adopt`, the one the caller believes. */
function ifNeverSet(
  { settings, store }: World,
  { moduleCode, configName, currentConfigValue }: Change,
): string | undefined {
  const ifUnlisted = settings.devices === 'adopt' ? currentConfigValue : undefined
  return store.configs.initialValue(moduleCode, configName) ?? ifUnlisted
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
