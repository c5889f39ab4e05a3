import type { Seed } from '../../schemas/seed.ts'
import { durationMillis } from './duration.ts'

type Place = readonly [path: string, key: string]

/** What no schema can say of a seed: the first thing that is there twice, or a duration that is none. */
export function repetition(seed: Seed): string | undefined {
  return (
    firstTwice(seed.configCatalogue ?? [], 'configCatalogue', (entry) => `${entry.moduleCode} ${entry.configName}`) ??
    firstTwice(seed.tokens ?? [], 'tokens', ({ token }) => token) ??
    firstTwice(seed.apps ?? [], 'apps', ({ appId }) => appId) ??
    wrongLifetime(seed) ??
    twiceInDevices(seed)
  )
}

/** Names both places, never the value, which may be a secret. */
function twice(places: readonly Place[]): string | undefined {
  const seen = new Map<string, string>()
  for (const [path, key] of places) {
    const earlier = seen.get(key)
    if (earlier !== undefined) return `seed/${path} repeats seed/${earlier}`
    seen.set(key, path)
  }
  return undefined
}

const firstTwice = <Item>(items: readonly Item[], path: string, keyOf: (item: Item) => string): string | undefined =>
  twice(items.map((item, index) => [`${path}/${index}`, keyOf(item)]))

function wrongLifetime({ tokens = [] }: Seed): string | undefined {
  const index = tokens.findIndex(({ lifetime }) => lifetime !== undefined && durationMillis(lifetime) === undefined)
  return index < 0
    ? undefined
    : `seed/tokens/${index}/lifetime is no ISO 8601 duration; expected one such as PT20M [DEC-3]`
}

function twiceInDevices({ users = {} }: Seed): string | undefined {
  const scopeIds: Place[] = []
  for (const [userId, { devices = [] }] of Object.entries(users)) {
    const path = `users/${userId}/devices`
    const known = devices.map((device, index) => ({ ...device, path: `${path}/${index}` }))
    const named = known.filter(({ machineCode }) => machineCode !== '')
    const problem =
      firstTwice(devices, path, ({ deviceId }) => deviceId) ??
      twice(named.map((device) => [device.path, device.machineCode]))
    if (problem) return problem
    for (const { scopes = [], configs = [], path: device } of known) {
      const inDevice =
        firstTwice(scopes, `${device}/scopes`, (scope) =>
          JSON.stringify([scope.moduleCode, scope.localPath ?? '', scope.targetFolderPath ?? '']),
        ) ?? firstTwice(configs, `${device}/configs`, (config) => `${config.moduleCode} ${config.configName}`)
      if (inDevice) return inDevice
      scopeIds.push(
        ...scopes.flatMap(({ scopeId }, index): Place[] => (scopeId ? [[`${device}/scopes/${index}`, scopeId]] : [])),
      )
    }
  }
  return twice(scopeIds)
}
