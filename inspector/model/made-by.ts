import type { Summary } from '../../schemas/journal.ts'

/**
 * Which exchange made or last changed what is stored, as far as exchanges say so: by `entity id`. Where the world was put back,
 * ids are given again, and which of several makings it was put back to, exchanges do not say.
 *
 * @param restorations the newest exchange at each time when the world was put back to another state; who changed a value that
 *   came with it, exchanges do not say
 */
export function madeBy(
  exchanges: readonly Summary[],
  restorations: readonly number[],
): ReadonlyMap<string, number | undefined> {
  const putBackAfter = restorations.at(-1) ?? 0
  const makers = new Map<string, number | undefined>()
  for (const { id, given, sent, operation } of exchanges.filter(({ worked }) => worked)) {
    for (const [, value] of Object.entries(given).filter(([name]) => made[name] === operation)) {
      makers.set(value, id <= putBackAfter && makers.has(value) ? undefined : id)
    }
    if (operation === 'updateConfigInfo' && id > putBackAfter) {
      makers.set(configOf(sent), id)
    }
  }
  return makers
}

/** Which exchange a value of advice comes from, and how that is said; `undefined` where that is not known. */
export function originOf(
  { at, to }: { readonly at: string; readonly to: unknown },
  { sent }: Pick<Summary, 'sent'>,
  makers: ReadonlyMap<string, number | undefined>,
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
