import type { Seed } from '../../schemas/seed.ts'
import type { IssuedId } from '../store/snowflake.ts'
import { millisOf, sequenceOf, workerOf } from '../store/snowflake.ts'
import { durationMillis } from './duration.ts'
import type { World } from './world.ts'

type SeedUser = NonNullable<Seed['users']>[string]
type SeedDevice = NonNullable<SeedUser['devices']>[number]
type SeedRecord = NonNullable<SeedUser['records']>[number]
type SeedFile = NonNullable<SeedRecord['files']>[number]

/** Puts a seed that was checked into a new world (DEC-32). */
export function plant(world: World, seed: Seed): void {
  plantPosition(world, seed.position)
  for (const { description = '', ...entry } of seed.configCatalogue ?? []) {
    world.store.configs.addToCatalogue({ ...entry, description })
  }
  for (const [userId, { devices = [], locks = [], records = [] }] of Object.entries(seed.users ?? {})) {
    for (const device of devices) plantDevice(world, userId, device)
    for (const record of records) plantRecord(world, userId, record)
    for (const { moduleCode, lockId, expiresAt } of locks) {
      world.store.locks.put(userId, moduleCode, lockId, Date.parse(expiresAt))
    }
  }
  plantCredentials(world, seed)
}

function plantPosition({ ids, random }: World, { lastId, random: state }: Seed['position'] = {}): void {
  if (lastId !== undefined) ids.reach(positionOf(BigInt(lastId)))
  if (state !== undefined) random.resume(state)
}

const positionOf = (id: bigint) => ({ lastMillis: millisOf(id), lastSequence: sequenceOf(id) })

function plantDevice(world: World, userId: string, device: SeedDevice): void {
  const { deviceId, machineCode, deviceName = '', deviceOS = '', createTime, unbound = false } = device
  const { store, clock, ids } = world
  const now = clock.stateNow()
  const createMillis = createTime === undefined ? (ids.birthOf(deviceId, now) ?? now) : Date.parse(createTime)
  const key = store.devices.add({ userId, deviceId, machineCode, deviceName, deviceOS, createMillis }, !unbound)
  for (const { moduleCode, scopeId, localPath = '', targetFolderPath = '' } of device.scopes ?? []) {
    store.scopes.add(issueOrKeep(world, scopeId), key, moduleCode, { localPath, targetFolderPath })
  }
  for (const { moduleCode, configName, configValue } of device.configs ?? []) {
    store.configs.set(key, moduleCode, configName, configValue)
  }
  for (const [moduleCode, last] of Object.entries(device.lastVersions ?? {})) {
    store.records.reachVersion(key, moduleCode, last)
  }
}

function plantRecord(world: World, userId: string, record: SeedRecord): void {
  const { moduleCode, deviceId, properties = '', recordId, version, endTime, files = [] } = record
  const { devices, records } = world.store
  const device = devices.find(userId, deviceId)
  if (device === undefined) throw new Error(`no device ${deviceId} for a record of the seed`)
  const issued = issueOrKeep(world, recordId)
  records.add(issued, { device: device.key, userId, moduleCode, properties }, version)
  if (version !== undefined) records.reachVersion(device.key, moduleCode, version)
  if (endTime !== undefined) records.complete(String(issued.id), Date.parse(endTime), undefined)
  for (const file of files) plantFile(world, String(issued.id), file)
}

function plantFile(world: World, recordId: string, file: SeedFile): void {
  const { fileId, fileName: name, parentFolder: [parent = 'root'] = [], uploadId = null } = file
  const { sha256, size = null, description = '', mimeType = '', fileType = '' } = file
  const content = { sha256: sha256?.toLowerCase() ?? null, size, uploadId }
  const described = { recordId, name, parent, description, mimeType, fileType, ...content }
  world.store.files.add(issueOrKeep(world, fileId), described)
}

/** An id that the seed gives is kept, and not issued again; without one, a new one is used up. */
function issueOrKeep({ ids, clock, settings }: World, given: string | undefined): IssuedId {
  const now = clock.stateNow()
  if (given !== undefined) {
    const id = BigInt(given)
    if (workerOf(id) === settings.worker && millisOf(id) <= now) ids.reach(positionOf(id))
    return { id, millis: millisOf(id) }
  }
  const issued = ids.next(now)
  ids.take(issued)
  return issued
}

function plantCredentials(world: World, { tokens = [], apps = [] }: Seed): void {
  const now = world.clock.stateNow()
  for (const { token, userId, lifetime } of tokens) {
    const lifetimeMillis = durationMillis(lifetime ?? '') ?? null
    const expiresMillis = lifetimeMillis === null ? null : now + lifetimeMillis
    world.store.credentials.addToken(token, { userId, lifetimeMillis, expiresMillis })
  }
  for (const { appId, appSecret } of apps) world.store.credentials.addApp(appId, appSecret)
}
