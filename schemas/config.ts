import { Type } from '@sinclair/typebox'
import { DeviceParams, ModuleCode, ModuleQuery } from './common.ts'
import { operation } from './operation.ts'

/** CFG-1: names and values have one form. */
export const ConfigWord = Type.String({ pattern: '^[a-zA-Z0-9_]{1,32}$', 'x-facts': ['CFG-1'] })

/** CFG-1. */
export const SimpleConfigInfo = Type.Object(
  {
    deviceId: Type.String(),
    moduleCode: ModuleCode,
    configName: ConfigWord,
    configValue: ConfigWord,
  },
  { title: 'SimpleConfigInfo' },
)

export const updateConfigInfo = operation({
  id: 'updateConfigInfo',
  method: 'PATCH',
  path: '/device/{deviceId}/config',
  summary: 'Change a configuration of a module, provided that it still has the value the caller believes',
  standing: 'documented',
  facts: ['CFG-1', 'CFG-2', 'CFG-5', 'DEC-16', 'DEC-22', 'DEC-23'],
  params: DeviceParams,
  body: Type.Object({
    moduleCode: ModuleCode,
    configName: ConfigWord,
    currentConfigValue: ConfigWord,
    newConfigValue: ConfigWord,
  }),
  payload: Type.Object({ data: SimpleConfigInfo }),
  refusals: ['notFound', 'valueMismatch'],
})

/** CFG-4. */
export const ConfigInfo = Type.Object(
  {
    ...SimpleConfigInfo.properties,
    description: Type.String(),
  },
  { title: 'ConfigInfo' },
)

export const getConfigInfo = operation({
  id: 'getConfigInfo',
  method: 'GET',
  path: '/device/{deviceId}/config',
  summary: 'View one configuration of a module',
  // The answer was never seen; it is taken from the list's items.
  standing: 'inferred',
  facts: ['CFG-3', 'DEC-16', 'DEC-24'],
  params: DeviceParams,
  query: Type.Object({ moduleCode: ModuleCode, configName: ConfigWord }),
  payload: Type.Object({ data: ConfigInfo }),
  refusals: ['notFound'],
})

export const listConfigInfos = operation({
  id: 'listConfigInfos',
  method: 'GET',
  path: '/device/{deviceId}/configs',
  summary: "List a module's configurations: the catalogue's, then those set beyond it",
  standing: 'documented',
  facts: ['CFG-4', 'CFG-5', 'DEC-16', 'DEC-24'],
  params: DeviceParams,
  query: ModuleQuery,
  payload: Type.Object({ data: Type.Array(ConfigInfo) }),
  refusals: ['notFound'],
})
