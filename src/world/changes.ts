import type { Change } from '../../schemas/change.ts'
import type { RowChange, RowChanges, RowValues, WatchedTable } from '../store/row-changes.ts'
import { watched } from '../store/row-changes.ts'
import { isoInstant } from '../store/snowflake.ts'

/** One thing that a world stores, by the names of the API. */
interface Thing {
  readonly entity: Change['entity']
  readonly userId: string
  readonly key: Record<string, string>
  readonly fields: Record<string, unknown>
}

/** Everything that a world stores, by what tells things apart. */
export type Things = ReadonlyMap<string, Thing>

type Row = Readonly<Record<string, string | number | null>>

/** Whose a device is, by its internal key; whose a file is, by its id. */
export interface Owners {
  readonly device: (key: number) => { readonly userId: string; readonly deviceId: string }
  readonly file: (fileId: string) => string
}

const instant = (millis: unknown): string | null => (typeof millis === 'number' ? isoInstant(millis) : null)

/** What a row of each table stands for. */
const things: Readonly<Record<WatchedTable, (row: Row, owners: Owners) => Thing>> = {
  device: (row) => ({
    entity: 'device',
    userId: String(row['user_id']),
    key: { deviceId: String(row['device_id']) },
    fields: {
      machineCode: row['machine_code'],
      deviceName: row['device_name'],
      deviceOS: row['device_os'],
      createTime: instant(row['create_millis']),
      bound: row['bound'] === 1,
    },
  }),
  scope: (row, owners) => ({
    entity: 'scope',
    ...ofDevice(row, owners, { moduleCode: String(row['module_code']), scopeId: String(row['scope_id']) }),
    fields: { localPath: row['local_path'], targetFolderPath: row['target_folder_path'] },
  }),
  config: (row, owners) => ({
    entity: 'config',
    ...ofDevice(row, owners, { moduleCode: String(row['module_code']), configName: String(row['name']) }),
    fields: { configValue: row['value'] },
  }),
  lock: (row) => ({
    entity: 'lock',
    userId: String(row['user_id']),
    key: { moduleCode: String(row['module_code']) },
    fields: { lockId: row['lock_id'], expiresAt: instant(row['expires_millis']) },
  }),
  record: (row, owners) => ({
    entity: 'record',
    userId: String(row['user_id']),
    key: { recordId: String(row['record_id']) },
    fields: {
      moduleCode: row['module_code'],
      deviceId: owners.device(Number(row['device'])).deviceId,
      status: row['status'],
      properties: row['properties'],
      version: row['version'],
      endTime: instant(row['end_millis']),
    },
  }),
  file: (row) => ({
    entity: 'file',
    userId: String(row['user_id']),
    key: { recordId: String(row['record']), fileId: String(row['file_id']) },
    fields: {
      fileName: row['name'],
      parentFolder: row['parent'],
      description: row['description'],
      mimeType: row['mime_type'],
      fileType: row['file_type'],
      createdTime: row['created_time'],
      sha256: row['sha256'],
      size: row['size'],
      uploadId: row['upload_id'],
      isFinished: row['finished'] === 1,
    },
  }),
  part: (row, owners) => ofFile(row, owners, 'planned', { partOffset: row['offset'], partSize: row['size'] }),
  stored_part: (row, owners) =>
    ofFile(row, owners, 'stored', { partSize: row['size'], etag: row['etag'], sha256: row['sha256'] }),
}

function ofDevice(row: Row, owners: Owners, key: Readonly<Record<string, string>>): Pick<Thing, 'userId' | 'key'> {
  const { userId, deviceId } = owners.device(Number(row['device']))
  return { userId, key: { deviceId, ...key } }
}

const ofFile = (row: Row, owners: Owners, part: string, fields: Thing['fields']): Thing => ({
  entity: 'upload',
  userId: owners.file(String(row['file'])),
  key: { fileId: String(row['file']), partNumber: String(row['number']), part },
  fields,
})

function thingOf(table: WatchedTable, values: RowValues, owners: Owners): Thing {
  const row: Record<string, string | number | null> = {}
  for (const [index, column] of watched[table].entries()) row[column] = values[index] ?? null
  return things[table](row, owners)
}

const versionsIn = ({ table, before, after }: RowChange, owners: Owners): [Thing | undefined, Thing | undefined] => [
  before ? thingOf(table, before, owners) : undefined,
  after ? thingOf(table, after, owners) : undefined,
]

const idOf = ({ entity, userId, key }: Pick<Thing, 'entity' | 'userId' | 'key'>): string =>
  JSON.stringify([entity, userId, ...Object.values(key)])

/** What changes of rows come to: each thing once, as it was before all of them and as it is now. */
export function changesOf(rows: readonly RowChange[], owners: Owners): Change[] {
  const [first] = rows
  if (first && rows.length === 1) return [changeBetween(...versionsIn(first, owners)) ?? []].flat() // the usual case
  const before = new Map<string, Thing>()
  const after = new Map<string, Thing>()
  const seen = new Set<string>()
  for (const row of rows) {
    const [was, is] = versionsIn(row, owners)
    if (was) meet(was, before)
    if (is) meet(is, undefined)
    if (was) after.delete(idOf(was))
    if (is) after.set(idOf(is), is)
  }
  return difference(before, after, seen)

  /** The first time that a thing is met, it is as it was before. */
  function meet(thing: Thing, into: Map<string, Thing> | undefined): void {
    const id = idOf(thing)
    if (!seen.has(id)) into?.set(id, thing)
    seen.add(id)
  }
}

/** Everything that is stored, of all users. */
export const thingsIn = (rows: ReturnType<RowChanges['all']>, owners: Owners): Things =>
  new Map(
    [...rows].map(({ table, values }) => {
      const thing = thingOf(table, values, owners)
      return [idOf(thing), thing] as const
    }),
  )

/** What changes in the order of their making left of the things that they are about. */
export function thingsTouched(changes: readonly Change[]): Things {
  const things = new Map<string, Thing>()
  for (const { after, entity, userId, key } of changes) {
    const id = idOf({ entity, userId, key })
    if (after === null) things.delete(id)
    else things.set(id, { entity, userId, key, fields: after })
  }
  return things
}

/** A state before changes that led to it, in the order of their making. */
export function takeBack(things: Things, changes: readonly Change[]): Things {
  const state = new Map(things)
  for (const { before, entity, userId, key } of changes.toReversed()) {
    const id = idOf({ entity, userId, key })
    if (before === null) state.delete(id)
    else state.set(id, { entity, userId, key, fields: before })
  }
  return state
}

/** What became of one state to be another. */
export function difference(
  before: Things,
  after: Things,
  ids: Iterable<string> = new Set([...before.keys(), ...after.keys()]),
): Change[] {
  return [...ids].flatMap((id) => changeBetween(before.get(id), after.get(id)) ?? [])
}

/** What became of one thing, of which there is a version or two; `undefined` where they are alike. */
function changeBetween(was: Thing | undefined, is: Thing | undefined): Change | undefined {
  const thing = is ?? was
  if (thing === undefined || (was && is && isSame(was.fields, is.fields))) return undefined
  const change = was ? (is ? 'changed' : 'removed') : 'added'
  const { entity, userId, key } = thing
  return { entity, change, userId, key, before: was?.fields ?? null, after: is?.fields ?? null }
}

const isSame = (one: Thing['fields'], other: Thing['fields']): boolean =>
  Object.entries(one).every(([name, value]) => other[name] === value)
