import { Type } from '@sinclair/typebox'
import { DeviceParams, ModuleCode } from './common.ts'
import { operation } from './operation.ts'

/** CFG-1: names and values have one form. */
export const ConfigWord = Type.String({ pattern: '^[a-zA-Z0-9_]{1,32}$', 'x-facts': 'CFG-1' })

/** CFG-1. */
export const SimpleConfigInfo = Type.Object({
  deviceId: Type.String(),
  moduleCode: ModuleCode,
  configName: ConfigWord,
  configValue: ConfigWord,
})

export const updateConfigInfo = operation({
  id: 'updateConfigInfo',
  method: 'PATCH',
  path: '/device/{deviceId}/config',
  summary: 'Change a configuration of a module, provided that it still has the value the caller believes',
  standing: 'documented',
  facts: ['CFG-1', 'CFG-2', 'DEC-16', 'DEC-22', 'DEC-23'],
  params: DeviceParams,
  body: Type.Object({
    moduleCode: ModuleCode,
    configName: ConfigWord,
    currentConfigValue: ConfigWord,
    newConfigValue: ConfigWord,
  }),
  payload: Type.Object({ data: SimpleConfigInfo }),
})
