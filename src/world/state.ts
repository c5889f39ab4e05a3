import type { Seed } from '../../schemas/seed.ts'
import type { DumpedFile } from '../store/dump.ts'
import { idsPerMillisecond, lastMillis as lastInstant, snowflake } from '../store/snowflake.ts'
import type { Store } from '../store/store.ts'
import type { Succession } from './beginning.ts'
import { concise } from './concise.ts'
import { seedPartsOf } from './seed-uploads.ts'
import type { World } from './world.ts'

/** The whole state of a world in the seed's format, credentials left out: what it answers can seed another world. */
export function exportState(world: World): Seed {
  const { dump } = world.store
  const users = dump.userIds().map((userId) => [userId, exportUser(world, userId)] as const)
  const document = {
    configCatalogue: dump.catalogue().map(concise),
    users: Object.fromEntries(users),
    position: exportPosition(world),
  }
  return concise(document) as Seed // the rows were written from documents and requests of this form
}

function exportUser({ store }: World, userId: string) {
  const { dump } = store
  const devices = dump.devices(userId).map(({ key, isBound, machineCode, ...device }) => ({
    ...concise({ ...device, unbound: !isBound, lastVersions: dump.lastVersions(key) }),
    machineCode,
    ...concise({ scopes: dump.scopes(key).map(concise), configs: dump.configs(key) }),
  }))
  const records = dump.records(userId).map((record) => ({
    ...concise(record),
    ...concise({ files: dump.files(record.recordId).map((file) => exportFile(store, file)) }),
  }))
  return concise({ devices, locks: dump.locks(userId), records })
}

function exportFile(store: Store, { parent, ...file }: DumpedFile) {
  const { fileId, uploadId, size } = file
  const multiParts = uploadId === null ? undefined : seedPartsOf(store.parts.of(BigInt(fileId), size ?? undefined))
  return concise({ ...file, parentFolder: [parent], multiParts })
}

/**
 * DEC-31: how far ids have come; absent where none was ever issued. Never beyond the clock's end, or documents that are
 * passed on and on would use the ids up; what is there beyond it is passed over wherever it is imported.
 */
function exportPosition({ ids, random, settings: { worker } }: World) {
  const furthest = snowflake(lastInstant, worker, idsPerMillisecond - 1)
  const lastId = ids.last() < furthest ? ids.last() : furthest
  return { ...concise({ lastId: ids.hasIssued() ? String(lastId) : undefined }), random: random.state() }
}

/**
 * What stays of a world that a document is imported into: its clocks, the furthest position of its ids and, where the
 * document brings none of its own, its tokens and apps.
 */
export function successionOf(world: World, content: Seed): Succession {
  const { store, ids, random, clock } = world
  return {
    content,
    progress: { ...ids.position(), random: random.state() },
    reserved: store.reserved.all(),
    clock: clock.state(),
    tokens: content.tokens ? [] : store.access.tokens(),
    apps: content.apps ? [] : store.access.listApps(),
  }
}
