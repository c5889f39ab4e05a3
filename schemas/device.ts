import { Type } from '@sinclair/typebox'
import { DeviceParams, Instant } from './common.ts'
import { operation } from './operation.ts'

/** DEV-1. In Java's regular expressions white space is ASCII's, in JavaScript's it is more (DEC-10). */
const space = ' \\t\\n\\v\\f\\r'

/** DEV-1: what a client says of a device. */
export const deviceFields = {
  machineCode: Type.String({ pattern: '^[a-zA-Z0-9_]{1,64}$', 'x-facts': ['DEV-1'] }),
  deviceName: Type.String({ pattern: `^[a-zA-Z0-9_${space}-]{1,32}$`, 'x-facts': ['DEV-1', 'DEC-10'] }),
  deviceOS: Type.String({ pattern: `^[a-zA-Z0-9_${space}]{1,32}$`, 'x-facts': ['DEV-1', 'DEC-10'] }),
} as const

/** DEV-2. An adopted device has no machine code, name or system: `""` (DEC-16). */
export const BoundDeviceEntity = Type.Object(
  {
    deviceId: Type.String(),
    machineCode: Type.String(),
    deviceName: Type.String(),
    deviceOS: Type.String(),
    createTime: Instant,
  },
  { title: 'BoundDeviceEntity' },
)

export const bindDevice = operation({
  id: 'bindDevice',
  method: 'POST',
  path: '/device',
  summary: 'Bind a device to the user',
  standing: 'documented',
  facts: ['DEV-1', 'DEV-2', 'COM-5', 'DEC-9', 'DEC-17'],
  headers: Type.Object({
    'x-traceid': Type.Optional(Type.String({ minLength: 58, maxLength: 58, 'x-facts': ['COM-5', 'DEC-9'] })),
  }),
  body: Type.Object({
    machineCode: deviceFields.machineCode,
    deviceName: Type.Optional(deviceFields.deviceName),
    deviceOS: Type.Optional(deviceFields.deviceOS),
  }),
  payload: Type.Object({ data: BoundDeviceEntity }),
})

export const listBoundDevice = operation({
  id: 'listBoundDevice',
  method: 'GET',
  path: '/device',
  summary: "List the user's bound devices, oldest first",
  standing: 'documented',
  facts: ['DEV-2', 'DEV-3'],
  payload: Type.Object({ data: Type.Array(BoundDeviceEntity) }),
})

export const unbindDevice = operation({
  id: 'unbindDevice',
  method: 'DELETE',
  path: '/device/{deviceId}',
  summary: 'Unbind a device; its scopes and configuration go with it, its records stay',
  standing: 'documented',
  facts: ['DEV-2', 'DEV-4', 'DEC-16', 'DEC-18'],
  params: DeviceParams,
  payload: Type.Object({ data: BoundDeviceEntity }),
  refusals: ['notFound'],
})
