import type { SeedRecord, SeedUser } from '../../schemas/seed.ts'

/** DEC-27: of one device and module no two records have the same version, and each gets one. */
export function mistakeOfVersions({ devices = [], records = [] }: SeedUser, user: string): string | undefined {
  const highest = new Map<string, number>()
  const reach = (key: string, version: number) => highest.set(key, Math.max(version, highest.get(key) ?? 0))
  for (const { deviceId, lastVersions = {} } of devices) {
    for (const [moduleCode, last] of Object.entries(lastVersions)) reach(`${deviceId} ${moduleCode}`, last)
  }
  const places = new Map<string, string>()
  for (const [index, { version, ...record }] of records.entries()) {
    if (version === undefined) continue
    const key = `${keyOf(record)} ${version}`
    const earlier = places.get(key)
    if (earlier !== undefined) return `${user}/records/${index}/version repeats ${earlier} [DEC-27]`
    places.set(key, `${user}/records/${index}/version`)
    reach(keyOf(record), version)
  }
  return withoutVersion(records, highest, user)
}

const keyOf = ({ deviceId, moduleCode }: SeedRecord): string => `${deviceId} ${moduleCode}`

/** Records that are given no version get those above the highest. */
function withoutVersion(records: readonly SeedRecord[], highest: Map<string, number>, user: string) {
  for (const [index, record] of records.entries()) {
    if (record.version !== undefined) continue
    const version = (highest.get(keyOf(record)) ?? 0) + 1
    if (!Number.isSafeInteger(version)) return `${user}/records/${index} has no version left [DEC-27]`
    highest.set(keyOf(record), version)
  }
  return undefined
}
