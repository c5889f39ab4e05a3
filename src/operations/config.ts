import type { Contracts } from '../../schemas/index.ts'
import { refuse } from '../errors.ts'
import type { ConfigEntity } from '../store/configs.ts'
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
  const { moduleCode, configName } = request.query
  const config = world.store.configs.view(keyOf(world, request), moduleCode, configName)
  if (config) return { data: answerOf(request, config) }
  throw refuse('notFound', 'query/configName: neither in the catalogue nor set on this device [DEC-24]')
}

/** CFG-4, DEC-24. */
export const listConfigInfos: Rule<Contracts['listConfigInfos']> = (world, request) => ({
  data: world.store.configs
    .list(keyOf(world, request), request.query.moduleCode)
    .map((config) => answerOf(request, config)),
})

type Reading = RuleRequest<Contracts['getConfigInfo']> | RuleRequest<Contracts['listConfigInfos']>

const keyOf = (world: World, request: Reading): number | null =>
  deviceForReading(world, deviceOfPath(request))?.key ?? null

const answerOf = (
  { params: { deviceId }, query: { moduleCode } }: Reading,
  { configName, configValue, description }: ConfigEntity,
) => ({ deviceId, moduleCode, configName, configValue, description })
