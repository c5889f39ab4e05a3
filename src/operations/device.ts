import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'

interface DeviceRequest {
  readonly userId: string
  readonly params: { readonly deviceId: string }
  readonly now: number
  readonly remark: (text: string) => void
}

/**
 * The key of the device that a writing request is about. Under `adopt`, one that this user never had is bound (DEC-16).
 *
 * @throws Refusal `notFound` for a device that was unbound and, under `strict`, for one never bound
 */
export function deviceForWriting(world: World, request: DeviceRequest): number {
  const { deviceId } = request.params
  const device = world.store.devices.find(request.userId, deviceId)
  if (device?.bound) return device.key
  if (device) throw refuse('notFound', 'path/deviceId: this device was unbound; bind it again [DEC-16]')
  if (world.settings.devices === 'strict') {
    throw refuse('notFound', 'path/deviceId: this user has no such device, and devices=strict adopts none [DEC-16]')
  }
  request.remark('the device was not bound to this user; devices=adopt bound it [DEC-16]')
  return adopt(world, request)
}

function adopt(world: World, { userId, params: { deviceId }, now }: DeviceRequest): number {
  const createMillis = world.ids.birthOf(deviceId, now) ?? now
  return world.store.devices.add({ userId, deviceId, machineCode: '', deviceName: '', deviceOS: '', createMillis })
}
