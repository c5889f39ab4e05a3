import type { ModuleCode } from '../../../schemas/common.ts'
import type { StatementId } from '../../../schemas/statements.ts'

/** What a target that keeps to all statements would hold of what one run made. Plain data: steps change it as they go. */
export interface Model {
  /** One for every slot of a device, never used before. */
  readonly machineCodes: readonly string[]
  /** Those whose lock nobody else held at the start. */
  readonly modules: readonly ModuleCode[]
  /** The configurations that a new device has. */
  readonly catalogue: ReadonlyMap<string, string>
  readonly devices: Device[]
  /** All that were given, rightly or not. */
  readonly locks: Lock[]
  readonly records: BackupRecord[]
  readonly cursors: Cursor[]
}

export interface Device {
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

export interface Lock {
  readonly id: string
  readonly moduleCode: ModuleCode
  isLive: boolean
}

export interface BackupRecord {
  readonly id: string
  readonly device: Device
  readonly moduleCode: ModuleCode
  readonly version: number
  /** `undefined` where none were sent. */
  properties: string | undefined
  status: 'open' | 'completed' | 'deleted'
  readonly files: string[]
}

/** One of the lists that are read by the page: a device's records of a module, or a record's files, by their names. */
export type List =
  | { readonly of: 'records'; readonly device: Device; readonly moduleCode: ModuleCode }
  | { readonly of: 'files'; readonly record: BackupRecord }

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

export function newDevice({ catalogue }: Model, id: string, slot: number): Device {
  const none = { scopes: [], refusedValues: new Set<string>(), versions: new Map() }
  return { id, slot, isBound: true, told: {}, configs: new Map(catalogue), ...none }
}

export const configKey = (moduleCode: ModuleCode, configName: string): string => `${moduleCode} ${configName}`

export const boundDevice = ({ devices }: Model, slot: number): Device | undefined =>
  devices.find((device) => device.slot === slot && device.isBound)

export const liveLock = ({ locks }: Model, moduleCode: ModuleCode): Lock | undefined =>
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
export const placeOf = (paths: Paths): string => JSON.stringify(Object.values(pathsOf(paths)))

/** What forbids each item of a batch, in its order; `undefined` for those that are to be added. */
export function outcomesOf(device: Device, moduleCode: ModuleCode, items: readonly Paths[]) {
  const present = device.scopes.filter((scope) => scope.moduleCode === moduleCode && !scope.isDeleted)
  const places = new Set(present.map(placeOf))
  return items.map((item): { readonly item: Paths; readonly refusal?: StatementId } => {
    const texts = Object.values(pathsOf(item))
    if (texts.join('') === '' || !texts.every((text) => pathForm.test(text))) return { item, refusal: 'SCO-2' }
    if (places.has(placeOf(item))) return { item, refusal: 'DEC-19' }
    places.add(placeOf(item))
    return { item }
  })
}
