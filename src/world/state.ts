import type { Seed } from '../../schemas/seed.ts'
import type { FileRow } from '../store/dump.ts'
import { snowflake } from '../store/snowflake.ts'
import type { Succession, World } from './world.ts'

/** Leaves out what is empty or not there, so that a document says only what there is to say. */
const concise = <Part extends object>(part: Part): Partial<Part> =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => !isEmpty(value))) as Partial<Part> // fewer of the same

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

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

function exportUser({ store: { dump } }: World, userId: string) {
  const devices = dump.devices(userId).map(({ key, isBound, machineCode, ...device }) => ({
    ...concise({ ...device, unbound: !isBound, lastVersions: dump.lastVersions(key) }),
    machineCode,
    ...concise({ scopes: dump.scopes(key).map(concise), configs: dump.configs(key) }),
  }))
  const records = dump.records(userId).map((record) => ({
    ...concise(record),
    ...concise({ files: dump.files(record.recordId).map(exportFile) }),
  }))
  return concise({ devices, locks: dump.locks(userId), records })
}

const exportFile = ({ parent, size, ...file }: FileRow) => ({
  ...concise({ ...file, parentFolder: [parent] }),
  ...(size === null ? {} : { size }),
})

/** DEC-31: how far ids have come; absent where none was ever issued. */
function exportPosition({ ids, random, settings: { worker } }: World) {
  const { lastMillis, lastSequence } = ids.position()
  const lastId = ids.hasIssued() ? String(snowflake(lastMillis, worker, lastSequence)) : undefined
  return { ...concise({ lastId }), random: random.state() }
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
    clock: clock.state(),
    tokens: content.tokens ? [] : store.credentials.tokens(),
    apps: content.apps ? [] : store.credentials.listApps(),
  }
}
