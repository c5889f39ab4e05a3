import type { Seed } from '../../schemas/seed.ts'
import { durationMillis } from './duration.ts'
import type { World } from './world.ts'

type SeedUser = NonNullable<Seed['users']>[string]
type SeedDevice = NonNullable<SeedUser['devices']>[number]

/** Puts a seed that was checked into a new world (DEC-32). */
export function plant(world: World, seed: Seed): void {
  for (const { description = '', ...entry } of seed.configCatalogue ?? []) {
    world.store.configs.addToCatalogue({ ...entry, description })
  }
  for (const [userId, { devices = [] }] of Object.entries(seed.users ?? {})) {
    for (const device of devices) plantDevice(world, userId, device)
  }
  plantCredentials(world, seed)
}

function plantDevice(world: World, userId: string, device: SeedDevice): void {
  const { deviceId, machineCode, deviceName = '', deviceOS = '', createTime, scopes = [], configs = [] } = device
  const now = world.clock.stateNow()
  const createMillis = createTime === undefined ? (world.ids.birthOf(deviceId, now) ?? now) : Date.parse(createTime)
  const key = world.store.devices.add({ userId, deviceId, machineCode, deviceName, deviceOS, createMillis })
  for (const { moduleCode, scopeId, localPath = '', targetFolderPath = '' } of scopes) {
    const issued = scopeId === undefined ? world.ids.next(now) : { id: BigInt(scopeId), millis: now }
    world.store.scopes.add(issued, key, moduleCode, { localPath, targetFolderPath })
    if (scopeId === undefined) world.ids.take(issued)
  }
  for (const { moduleCode, configName, configValue } of configs) {
    world.store.configs.set(key, moduleCode, configName, configValue)
  }
}

function plantCredentials(world: World, { tokens = [], apps = [] }: Seed): void {
  const now = world.clock.stateNow()
  for (const { token, userId, lifetime } of tokens) {
    const lifetimeMillis = lifetime === undefined ? null : (durationMillis(lifetime) ?? null)
    const expiresMillis = lifetimeMillis === null ? null : now + lifetimeMillis
    world.store.credentials.addToken(token, { userId, lifetimeMillis, expiresMillis })
  }
  for (const { appId, appSecret } of apps) world.store.credentials.addApp(appId, appSecret)
}
