import type { Contracts } from '../../schemas/index.ts'
import type { Refusal } from '../errors.ts'
import { refuse } from '../errors.ts'
import type { Device } from '../store/devices.ts'
import type { NewId } from '../store/snowflake.ts'
import type { World } from '../world/world.ts'
import type { Rule } from './rule.ts'

interface DeviceUse {
  readonly userId: string
  readonly deviceId: string
  readonly now: number
  readonly remark: (text: string) => void
}

/** What `usableDevice` and its like are told of a request whose path names the device. */
export const deviceOfPath = <Request extends Omit<DeviceUse, 'deviceId'> & { params: { deviceId: string } }>(
  request: Request,
): DeviceUse => ({
  userId: request.userId,
  deviceId: request.params.deviceId,
  now: request.now,
  remark: request.remark,
})

/** DEV-1, DEC-17: a machine code bound already keeps its device; name and system change where given. */
export const bindDevice: Rule<Contracts['bindDevice']> = (world, { userId, body, now }) => {
  const { devices } = world.store
  const bound = devices.findByMachineCode(userId, body.machineCode)
  if (bound !== undefined) {
    devices.describe(bound, body.deviceName, body.deviceOS)
    return { data: devices.read(bound) }
  }
  const issued = idForDevice(world, userId, now)
  const { machineCode, deviceName = '', deviceOS = '' } = body
  const deviceId = String(issued.id)
  const key = devices.add({ userId, deviceId, machineCode, deviceName, deviceOS, createMillis: issued.millis })
  world.ids.take(issued)
  return { data: devices.read(key) }
}

/** The next id of which the user has no device: clients and documents may name one before it is issued. */
function idForDevice({ ids, store }: World, userId: string, now: number): NewId {
  let issued = ids.next(now)
  while (store.devices.find(userId, String(issued.id))) {
    ids.take(issued)
    issued = ids.next(now)
  }
  return issued
}

/** DEV-3. */
export const listBoundDevice: Rule<Contracts['listBoundDevice']> = (world, { userId }) => ({
  data: world.store.devices.list(userId),
})

/** DEV-4, DEC-18: scopes and configuration go, records stay with the device as it was. */
export const unbindDevice: Rule<Contracts['unbindDevice']> = (world, request) => {
  const { devices } = world.store
  const key = boundDevice(world, deviceOfPath(request))
  const data = devices.read(key)
  devices.unbind(key)
  return { data }
}

/**
 * The key of a device that must be bound, in both modes (DEC-16).
 *
 * @throws Refusal `notFound`
 */
export function boundDevice(world: World, { userId, deviceId }: DeviceUse): number {
  const device = world.store.devices.find(userId, deviceId)
  if (device?.bound) return device.key
  throw device ? unbound(world, device) : unknown('it was never bound')
}

/**
 * The key of the device that a writing request is about. Under `adopt`, one that this user never had is bound (DEC-16).
 *
 * @throws Refusal `notFound` for a device that was unbound and, under `strict`, for one never bound
 */
export function deviceForWriting(world: World, use: DeviceUse): number {
  const device = deviceForReading(world, use)
  if (device !== undefined) return device.key
  use.remark('the device was not bound to this user; devices=adopt bound it [DEC-16]')
  const { userId, deviceId, now } = use
  const createMillis = world.ids.birthOf(deviceId, now) ?? now
  return world.store.devices.add({ userId, deviceId, machineCode: '', deviceName: '', deviceOS: '', createMillis })
}

/**
 * The device that a reading request is about. Under `adopt`, one that this user never had has no data (DEC-16).
 *
 * @throws Refusal `notFound` for a device that was unbound and, under `strict`, for one never bound
 */
export function deviceForReading(world: World, use: Pick<DeviceUse, 'userId' | 'deviceId'>): Device | undefined {
  const device = world.store.devices.find(use.userId, use.deviceId)
  if (device?.bound) return device
  if (device) throw unbound(world, device)
  if (world.settings.devices === 'strict') throw unknown('devices=strict adopts none')
  return undefined
}

/** One that was adopted has no machine code; neither way leads back to its id (DEC-17). */
function unbound({ store }: World, { key }: Device): Refusal {
  const { machineCode } = store.devices.read(key)
  const way = machineCode === '' ? 'it has no machine code; bind one' : 'bind its machine code again'
  return refuse('notFound', `deviceId: this device was unbound; ${way} [DEC-16]`)
}

const unknown = (why: string) => refuse('notFound', `deviceId: this user has no such device, and ${why} [DEC-16]`)
