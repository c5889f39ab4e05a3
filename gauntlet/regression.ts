import type { Adversity } from './adversity.ts'

/** What makes an adversity in a test of one's own, in which `emulator` and `world` are handles. */
export function regressionLines({ faults, settings, clock, followedBy, endsAt, knownTokens }: Adversity): string[] {
  return [
    ...(knownTokens ? ["const emulator = await startEmulator({ auth: 'known' })"] : []),
    ...(settings ? [`const world = emulator.world('test', ${written(settings)})`] : []),
    ...(clock ? [`world.clock.set(${written(clock)})`] : []),
    ...faults.map((fault) => `world.faults.add(${written(fault)})`),
    ...(followedBy
      ? [`world.onRequest(({ fault }) => fault === 'fault-1' && world.faults.add(${written(followedBy)}))`]
      : []),
    ...(endsAt === undefined
      ? []
      : [`world.onRequest(({ operation }) => operation === '${endsAt}' && world.faults.clear())`]),
  ]
}

/** As JavaScript is written by people. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const parts = Object.entries(value).map(
    ([name, part]) => `${/^[a-z]\w*$/i.test(name) ? name : written(name)}: ${written(part)}`,
  )
  return `{ ${parts.join(', ')} }`
}
