import type { Seed } from '../../schemas/seed.ts'

/** What a user has, as far as the emulator acknowledged it. `?0`, `?1`, … stand for what only the emulator knows. */
export interface UserState {
  readonly devices: KnownDevice[]
  /** Lock ids by module. */
  readonly locks: Record<string, string>
  readonly records: KnownRecord[]
}

export interface KnownDevice {
  deviceId: string
  machineCode: string
  deviceName: string
  bound: boolean
  /** The last version by module. */
  versions: Record<string, number>
  scopes: { scopeId: string; moduleCode: string; localPath: string }[]
  /** Values by `module/name`. */
  configs: Record<string, string>
}

export interface KnownRecord {
  recordId: string
  moduleCode: string
  deviceId: string
  properties: string
  version: number
  endTime: string
  files: { fileId: string; fileName: string; size: number | null; uploadId: string }[]
}

export const emptyState = (): UserState => ({ devices: [], locks: {}, records: [] })

/** The same of a state document, whole. */
export function userStateIn(document: Seed, userId: string): UserState {
  const { devices = [], locks = [], records = [] } = document.users?.[userId] ?? {}
  return {
    devices: devices.map((device) => ({
      deviceId: device.deviceId,
      machineCode: device.machineCode,
      deviceName: device.deviceName ?? '',
      bound: device.unbound !== true,
      versions: { ...device.lastVersions },
      scopes: (device.scopes ?? []).map(({ scopeId = '', moduleCode, localPath = '' }) => ({
        scopeId,
        moduleCode,
        localPath,
      })),
      configs: Object.fromEntries(
        (device.configs ?? []).map(({ moduleCode, configName, configValue }) => [
          `${moduleCode}/${configName}`,
          configValue,
        ]),
      ),
    })),
    locks: Object.fromEntries(locks.map(({ moduleCode, lockId }) => [moduleCode, lockId])),
    records: records.map(({ files = [], ...record }) => ({
      recordId: record.recordId ?? '',
      moduleCode: record.moduleCode,
      deviceId: record.deviceId,
      properties: record.properties ?? '',
      version: record.version ?? 0,
      endTime: record.endTime ?? '',
      files: files.map(({ fileId = '', fileName, size, uploadId = '' }) => ({
        fileId,
        fileName,
        size: size ?? null,
        uploadId,
      })),
    })),
  }
}

/** Every id that the emulator gave out. */
export const idsOf = ({ devices, records }: UserState): string[] => [
  ...devices.flatMap(({ deviceId, scopes }) => [deviceId, ...scopes.map(({ scopeId }) => scopeId)]),
  ...records.flatMap(({ recordId, files }) => [recordId, ...files.map(({ fileId }) => fileId)]),
]

const isHole = (value: unknown): value is string => typeof value === 'string' && /^\?\d+$/.test(value)

/** Puts values in the place of holes, as far as they are known. */
export const fill = (account: UserState, values: Readonly<Record<string, string>>): UserState =>
  JSON.parse(JSON.stringify(account).replace(/"(\?\d+)"/g, (_, hole) => JSON.stringify(values[hole] ?? hole)))

/**
 * Whether two accounts are the same, a hole being the same as any text.
 *
 * @returns what stands where the holes are; `undefined` where they differ
 */
export function compare(expected: UserState, seen: UserState): Record<string, string> | undefined {
  const values: Record<string, string> = {}
  const isSame = (one: unknown, other: unknown): boolean => {
    if (isHole(one) && typeof other === 'string' && other !== '') {
      values[one] ??= other
      return values[one] === other
    }
    if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
    const keys = Object.keys(one)
    if (keys.length !== Object.keys(other).length) return false
    return keys.every((key) => isSame(Reflect.get(one, key), Reflect.get(other, key)))
  }
  return isSame(expected, seen) ? values : undefined
}
