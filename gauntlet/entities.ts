import type { Seed, SeedDevice, SeedFile, SeedRecord } from '../schemas/seed.ts'

/** One thing that a state holds, without what merely differs from run to run: ids, times, versions. */
export interface Entity {
  readonly type: 'device' | 'scope' | 'config' | 'record'
  readonly fields: Readonly<Record<string, unknown>>
  /** Of a record. */
  readonly files?: readonly FileFields[]
}

export type FileFields = Readonly<Record<string, unknown>>

/** A world's state at one time. */
export interface WorldState {
  readonly world: string
  readonly state: Seed
}

/** Everything in some worlds; locks aside, which are judged by what became of them. Places are named by natural keys. */
export const entitiesIn = (worlds: readonly WorldState[]): Entity[] =>
  worlds.flatMap(({ world, state }) =>
    Object.entries(state.users ?? {}).flatMap(([user, { devices = [], records = [] }]) => {
      const names = new Map(devices.map((device) => [device.deviceId, nameOf(device)]))
      const place = { world, user }
      return [
        ...devices.flatMap((device) => ofDevice(device, place)),
        ...records.map((record) => ofRecord(record, names, place)),
      ]
    }),
  )

const nameOf = ({ machineCode, deviceId }: SeedDevice): string => machineCode || String(deviceId)

function ofDevice(device: SeedDevice, place: object): Entity[] {
  const { deviceName = '', deviceOS = '', unbound = false, scopes = [], configs = [] } = device
  const own = { ...place, device: nameOf(device) }
  return [
    { type: 'device', fields: { ...own, deviceName, deviceOS, unbound } },
    ...scopes.map(
      ({ moduleCode, localPath = '', targetFolderPath = '' }): Entity => ({
        type: 'scope',
        fields: { ...own, moduleCode, localPath, targetFolderPath },
      }),
    ),
    ...configs.map(
      ({ moduleCode, configName, configValue }): Entity => ({
        type: 'config',
        fields: { ...own, moduleCode, configName, configValue },
      }),
    ),
  ]
}

function ofRecord(record: SeedRecord, names: ReadonlyMap<string | undefined, string>, place: object): Entity {
  const { deviceId, moduleCode, properties = '', endTime, files = [] } = record
  const device = names.get(deviceId) ?? deviceId
  const fields = { ...place, device, moduleCode, properties: parsed(properties), completed: endTime !== undefined }
  return { type: 'record', fields, files: files.map(ofFile) }
}

/** An open upload is known by its parts, those that came and those that did not. */
function ofFile({ fileId: _, uploadId, multiParts = [], ...file }: SeedFile): FileFields {
  const { parentFolder = ['root'], ...rest } = file
  const parts = multiParts.map(({ partNumber, stored }) => `${partNumber}${stored ? '' : '?'}`).join(' ')
  return {
    ...rest,
    parent: parentFolder[0],
    pending: uploadId !== undefined,
    ...(uploadId === undefined ? {} : { parts }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** An entity in a line, for people. */
export function entityLine({ type, fields, files }: Entity): string {
  const { user: _, world, ...rest } = fields
  const shown = world === 'default' ? rest : { ...rest, world }
  const words = Object.entries(shown).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  const names = files?.map(({ fileName, pending }) => `${fileName}${pending ? ' (not complete)' : ''}`)
  return `${type} ${words.join(' ')}${names ? ` files=[${names.sort().join(', ')}]` : ''}`
}

/** By which two entities are the same one in the same form. */
export const formOf = ({ type, fields, files }: Entity): string =>
  JSON.stringify([type, sorted(fields), files?.map((file) => JSON.stringify(sorted(file))).sort()])

/** The order of properties says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, part]) => [name, sorted(part)] as const)
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** By which an entity is the same one in another form: a configuration of another value, a record with other files. */
export function identityOf({ type, fields }: Entity): string {
  const { completed: _, configValue: __, ...rest } = fields
  return JSON.stringify([type, sorted(rest)])
}
