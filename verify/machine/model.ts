import type { ModuleCode } from '../../schemas/common.ts'
import type { StatementId } from '../../schemas/statements.ts'

/** What a target that keeps to all statements would hold of what one run made. Plain data: steps change it as they go. */
export interface Model {
  /** One for every slot of a device, never used before. */
  readonly machineCodes: readonly string[]
  /** Those whose lock nobody else held at the start. */
  readonly modules: readonly ModuleCode[]
  /** The configurations that a new device has. */
  readonly catalogue: ReadonlyMap<string, string>
  readonly devices: ModelDevice[]
  /** All that were given, rightly or not. */
  readonly locks: ModelLock[]
  readonly records: ModelRecord[]
  readonly cursors: Cursor[]
}

export interface ModelDevice {
  readonly id: string
  readonly slot: number
  isBound: boolean
  /** What was last told of it. */
  readonly told: { deviceName?: string; deviceOS?: string }
  readonly scopes: Scope[]
  /** By module and name. */
  readonly configs: Map<string, string>
  /** Values that were refused, behind module and name. */
  readonly refusedValues: Set<string>
  /** The last version of each module. */
  readonly versions: Map<ModuleCode, number>
}

/** Absent paths count as empty (DEC-19). */
export interface Paths {
  readonly localPath?: string
  readonly targetFolderPath?: string
}

export interface Scope extends Required<Paths> {
  readonly id: string
  readonly moduleCode: ModuleCode
  isDeleted: boolean
}

export interface ModelLock {
  readonly id: string
  readonly moduleCode: ModuleCode
  isLive: boolean
}

export interface ModelRecord {
  readonly id: string
  readonly device: ModelDevice
  readonly moduleCode: ModuleCode
  readonly version: number
  /** `undefined` where none were sent. */
  properties: string | undefined
  status: 'open' | 'completed' | 'deleted'
  /** Those that are listed, by their names. */
  readonly files: string[]
  /** All that were announced. */
  readonly uploads: Upload[]
}

/** A file of which each part is to be sent, which is one here. */
export interface Upload {
  readonly fileId: string
  readonly fileName: string
  /** Where the newest answer says that its part is to be sent. */
  link: string
  isStored: boolean
  isComplete: boolean
}

/** One of the lists that are read by the page: a device's records of a module, or a record's files, by their names. */
export type List =
  | { readonly of: 'records'; readonly device: ModelDevice; readonly moduleCode: ModuleCode }
  | { readonly of: 'files'; readonly record: ModelRecord }

/** Where a list was read up to. */
export interface Cursor {
  readonly text: string
  readonly list: List
  /** What the pages before it held. */
  readonly seen: readonly string[]
  /** What was there when the first of those was read. */
  readonly first: readonly string[]
}

export function newModel(known: Pick<Model, 'machineCodes' | 'modules' | 'catalogue'>): Model {
  return { ...known, devices: [], locks: [], records: [], cursors: [] }
}

export function newDevice({ catalogue }: Model, id: string, slot: number): ModelDevice {
  const none = { scopes: [], refusedValues: new Set<string>(), versions: new Map() }
  return { id, slot, isBound: true, told: {}, configs: new Map(catalogue), ...none }
}

export const configKey = (moduleCode: ModuleCode, configName: string): string => `${moduleCode} ${configName}`

export const deviceInSlot = ({ devices }: Model, slot: number): ModelDevice | undefined =>
  devices.find((device) => device.slot === slot && device.isBound)

export const heldLock = ({ locks }: Model, moduleCode: ModuleCode): ModelLock | undefined =>
  locks.find((lock) => lock.moduleCode === moduleCode && lock.isLive)

/** What a list holds, oldest first. */
export function contentOf({ records }: Model, list: List): string[] {
  if (list.of === 'files') return [...list.record.files]
  return records
    .filter(({ device, moduleCode }) => device === list.device && moduleCode === list.moduleCode)
    .filter(({ status }) => status !== 'deleted')
    .map(({ id }) => id)
}

/** Why a list cannot be read at all, if it cannot. */
export function obstacleTo(list: List): StatementId | undefined {
  if (list.of === 'files') return list.record.status === 'deleted' ? 'REC-6' : undefined
  return list.device.isBound ? undefined : 'DEC-16'
}

const pathForm = /^(?:$|\/[^\\]*$)/

const pathsOf = ({ localPath = '', targetFolderPath = '' }: Paths): Required<Paths> => ({ localPath, targetFolderPath })

/** One text for the same two paths. */
export const placeInList = (paths: Paths): string => JSON.stringify(Object.values(pathsOf(paths)))

/** What forbids each item of a batch, in its order; `undefined` for those that are to be added. */
export function outcomesOf(device: ModelDevice, moduleCode: ModuleCode, items: readonly Paths[]) {
  const present = device.scopes.filter((scope) => scope.moduleCode === moduleCode && !scope.isDeleted)
  const places = new Set(present.map(placeInList))
  return items.map((item): { readonly item: Paths; readonly refusal?: StatementId } => {
    const texts = Object.values(pathsOf(item))
    if (texts.join('') === '' || !texts.every((text) => pathForm.test(text))) return { item, refusal: 'SCO-2' }
    if (places.has(placeInList(item))) return { item, refusal: 'DEC-19' }
    places.add(placeInList(item))
    return { item }
  })
}
