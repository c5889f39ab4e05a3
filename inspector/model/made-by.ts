import type { Summary } from '../../schemas/journal.ts'

type Makers = ReadonlyMap<string, number | undefined>

/**
 * Which exchange made what has an id, of all makings in their order. Where a world was put back, ids are given again, and which of
 * several makings it was put back to, exchanges do not say.
 *
 * @param restorations the newest exchange at each time when the world was put back to another state
 */
export function makersOf(
  makings: readonly (readonly [made: string, by: number])[],
  restorations: readonly number[],
): Makers {
  const putBackAfter = restorations.at(-1) ?? 0
  const makers = new Map<string, number | undefined>()
  for (const [id, by] of makings) makers.set(id, by <= putBackAfter && makers.has(id) ? undefined : by)
  return makers
}

/**
 * Which exchange made or last changed what is stored, as far as exchanges say so: by its id, of a configuration by all of its
 * names. Who changed a value that came with a state that the world was put back to, they do not say.
 */
export function madeBy(exchanges: readonly Summary[], restorations: readonly number[]): Makers {
  const putBackAfter = restorations.at(-1) ?? 0
  const working = exchanges.filter(({ worked }) => worked)
  const makings = working.flatMap(({ id, given, operation }) =>
    Object.entries(given).flatMap(([name, value]) => (made[name] === operation ? [[value, id] as const] : [])),
  )
  const configs = working
    .filter(({ id, operation }) => operation === 'updateConfigInfo' && id > putBackAfter)
    .map(({ id, sent }) => [configOf(sent), id] as const)
  return new Map([...makersOf(makings, restorations), ...configs])
}

/** Which exchange a value of advice comes from, and how that is said; `undefined` where that is not known. */
export function originOf(
  { at, to }: { readonly at: string; readonly to: unknown },
  { sent }: Pick<Summary, 'sent'>,
  makers: Makers,
): readonly [words: string, id: number] | undefined {
  const isConfig = at === 'body/currentConfigValue'
  const id = makers.get(isConfig ? configOf(sent) : String(to))
  return id === undefined ? undefined : [isConfig ? 'the present value, set by' : 'given by', id]
}

const configOf = (sent: Summary['sent']): string =>
  ['deviceId', 'moduleCode', 'configName'].map((name) => sent[name]).join(' ')

/** Only what makes a thing made it: others hand its id out, too. */
const made: Readonly<Record<string, string>> = {
  deviceId: 'bindDevice',
  recordId: 'createBackupRecord',
  fileId: 'createBackupFile',
  lockId: 'createBackupLock',
}
