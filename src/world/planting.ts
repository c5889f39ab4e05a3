import type { Seed } from '../../schemas/seed.ts'
import type { IssuedId } from '../store/snowflake.ts'
import { millisOf } from '../store/snowflake.ts'
import { durationMillis } from './duration.ts'
import type { World } from './world.ts'

type SeedUser = NonNullable<Seed['users']>[string]
type SeedDevice = NonNullable<SeedUser['devices']>[number]
type SeedRecord = NonNullable<SeedUser['records']>[number]

/** Puts a seed that was checked into a new world (DEC-32). */
export function plant(world: World, seed: Seed): void {
  for (const { description = '', ...entry } of seed.configCatalogue ?? []) {
    world.store.configs.addToCatalogue({ ...entry, description })
  }
  for (const [userId, { devices = [], records = [] }] of Object.entries(seed.users ?? {})) {
    for (const device of devices) plantDevice(world, userId, device)
    for (const record of records) plantRecord(world, userId, record)
  }
  plantCredentials(world, seed)
}

function plantDevice(world: World, userId: string, device: SeedDevice): void {
  const { deviceId, machineCode, deviceName = '', deviceOS = '', createTime, scopes = [], configs = [] } = device
  const now = world.clock.stateNow()
  const createMillis = createTime === undefined ? (world.ids.birthOf(deviceId, now) ?? now) : Date.parse(createTime)
  const key = world.store.devices.add({ userId, deviceId, machineCode, deviceName, deviceOS, createMillis })
  for (const { moduleCode, scopeId, localPath = '', targetFolderPath = '' } of scopes) {
    world.store.scopes.add(issueOrKeep(world, scopeId), key, moduleCode, { localPath, targetFolderPath })
  }
  for (const { moduleCode, configName, configValue } of configs) {
    world.store.configs.set(key, moduleCode, configName, configValue)
  }
}

function plantRecord(world: World, userId: string, record: SeedRecord): void {
  const { moduleCode, deviceId, properties = '', recordId, endTime, files = [] } = record
  const { store } = world
  const device = store.devices.find(userId, deviceId)
  if (device === undefined) throw new Error(`no device ${deviceId} for a record of the seed`)
  const issued = issueOrKeep(world, recordId)
  store.records.add(issued, { device: device.key, userId, moduleCode, properties })
  if (endTime !== undefined) store.records.complete(String(issued.id), Date.parse(endTime), undefined)
  for (const { fileId, fileName, parentFolder: [parent = 'root'] = [], sha256, size, description = '' } of files) {
    const content = { sha256: sha256.toLowerCase(), size, uploadId: null }
    const place = { recordId: String(issued.id), name: fileName, parent }
    store.files.add(issueOrKeep(world, fileId), { ...place, description, mimeType: '', fileType: '', ...content })
  }
}

/** An id that the seed gives is kept; without one, a new one is used up. */
function issueOrKeep(world: World, id: string | undefined): IssuedId {
  if (id !== undefined) return { id: BigInt(id), millis: millisOf(BigInt(id)) }
  const issued = world.ids.next(world.clock.stateNow())
  world.ids.take(issued)
  return issued
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
