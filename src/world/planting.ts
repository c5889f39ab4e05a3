import type { Seed, SeedDevice, SeedFile, SeedRecord, SeedUser } from '../../schemas/seed.ts'
import type { NewId } from '../store/snowflake.ts'
import { millisOf, sequenceOf, workerOf } from '../store/snowflake.ts'
import type { Store } from '../store/store.ts'
import { folderOf } from '../uploads/folder.ts'
import { offer } from '../uploads/parts.ts'
import { durationMillis } from './duration.ts'
import { uploadFrom } from './seed-uploads.ts'
import { givenIds } from './seed-values.ts'
import type { World } from './world.ts'

/** Puts a seed that was checked into a new world (DEC-32). */
export function plant(world: World, seed: Seed): void {
  plantPosition(world, seed.position)
  for (const user of Object.values(seed.users ?? {})) reserveGiven(world, user)
  for (const { description = '', ...entry } of seed.configCatalogue ?? []) {
    world.store.configs.addToCatalogue({ ...entry, description })
  }
  for (const [userId, { devices = [], locks = [], records = [] }] of Object.entries(seed.users ?? {})) {
    for (const device of devices) plantDevice(world, userId, device)
    reserveVersions(world, userId, records)
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

/** Ids that a seed gives are not issued again: those of by now are behind the position, the others passed over. */
function reserveGiven(world: World, user: SeedUser): void {
  const { ids, clock, settings } = world
  const now = clock.stateNow()
  for (const [, , given] of givenIds(user, '')) {
    if (given === undefined) continue
    const id = BigInt(given)
    if (workerOf(id) === settings.worker && millisOf(id) <= now) ids.reach(positionOf(id))
    else if (id > ids.last()) passOver(world, id)
  }
}

/** Lets an id never be issued, whatever becomes of what has it; one of another worker, in copies that are of that one. */
export function passOver({ ids, store, settings }: World, id: bigint): void {
  if (workerOf(id) === settings.worker) ids.reserve(id)
  store.reserved.add(id)
}

/** Likewise versions: a record that is given none gets one above all that are given (DEC-27). */
function reserveVersions({ store }: World, userId: string, records: readonly SeedRecord[]): void {
  for (const { moduleCode, deviceId, version } of records) {
    if (version !== undefined) store.records.reachVersion(keyOf(store, userId, deviceId), moduleCode, version)
  }
}

function keyOf({ devices }: Store, userId: string, deviceId: string): number {
  const device = devices.find(userId, deviceId)
  if (device) return device.key
  /* c8 ignore next -- the checks of a seed want each record's device */
  throw new Error(`no device ${deviceId} for a record of the seed`)
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
  const { records } = world.store
  const issued = issueOrKeep(world, recordId)
  records.add(issued, { device: keyOf(world.store, userId, deviceId), userId, moduleCode, properties }, version)
  if (endTime !== undefined) {
    const end = world.ids.notBefore(String(issued.id), Date.parse(endTime)) // an id that is issued now may be later (DEC-27)
    records.complete(String(issued.id), end, undefined)
  }
  for (const file of files) plantFile(world, userId, String(issued.id), file)
}

function plantFile(world: World, userId: string, recordId: string, file: SeedFile): void {
  const { fileId, fileName: name, uploadId = null } = file
  const parent = folderOf(file.parentFolder)
  const { sha256, size = null, description = '', mimeType = '', fileType = '', createdTime = '' } = file
  const content = { sha256: sha256?.toLowerCase() ?? null, size, uploadId }
  const described = { userId, recordId, name, parent, description, mimeType, fileType, createdTime, ...content }
  const issued = issueOrKeep(world, fileId)
  world.store.files.add(issued, described)
  if (uploadId !== null) plantParts(world.store, issued.id, file)
}

function plantParts({ parts }: Store, file: bigint, { size, multiParts }: SeedFile): void {
  const upload = multiParts ? uploadFrom(multiParts) : { parts: offer(size), stored: [] }
  parts.replan(file, [], upload.parts)
  for (const [number, came] of upload.stored) parts.store(file, number, came)
}

/** The id that the seed gives; without one, a new one is used up. */
function issueOrKeep({ ids, clock }: World, given: string | undefined): NewId {
  if (given !== undefined) return { id: BigInt(given), millis: millisOf(BigInt(given)) }
  const issued = ids.next(clock.stateNow())
  ids.take(issued)
  return issued
}

function plantCredentials(world: World, { tokens = [], apps = [] }: Seed): void {
  const now = world.clock.stateNow()
  for (const { token, userId, lifetime } of tokens) {
    const lifetimeMillis = durationMillis(lifetime ?? '') ?? null
    const expiresMillis = lifetimeMillis === null ? null : now + lifetimeMillis
    world.store.access.addToken(token, { userId, lifetimeMillis, expiresMillis })
  }
  for (const { appId, appSecret } of apps) world.store.access.addApp(appId, appSecret)
}
