import type { Summary } from '../../schemas/journal.ts'
import { lockLife } from './clocks.ts'
import { words } from './outcome.ts'
import { readReason } from './reason.ts'
import { span } from './wording.ts'

/** What an exchange is to the one that it names as its `replayOf`. */
export const replayWord = (madeFirst: boolean): string => (madeFirst ? 'made before the replay of' : 'replay of')

/**
 * What came of a request that was sent once more.
 *
 * @param rows in which those are that were made before it
 */
export function sentAs(id: number, made: Summary, isChanged: boolean, rows: readonly Summary[]): string {
  const first = rows.filter((row) => row.madeFirst && row.replayOf === id && row.id < made.id)
  const { subject, sentence } = readReason(made.reason ?? '')
  const lock = made.operation !== 'releaseBackupLock' && first.find(({ operation }) => operation === 'createBackupLock')
  return [
    `#${id} was sent ${isChanged ? 'changed' : 'once more'}, as #${made.id}`,
    ...first.map((row) => `, after #${row.id} ${row.operation}`),
    `: ${words[made.outcome].toLowerCase()}`,
    sentence && `, ${subject}${sentence}`,
    lock && `. The lock of #${lock.id} is held for ${span(lockLife)}`,
  ]
    .filter(Boolean)
    .join('')
}

/** Sent by browsers and libraries of their own accord; the emulator reads none of them. */
const unread =
  /^(accept|accept-language|accept-encoding|cache-control|cookie|dnt|origin|pragma|priority|referer|te|upgrade-insecure-requests|user-agent|sec-.*)$/

/** Whether a header, in small letters, can be of any effect on the emulator, as far as a client chooses it. */
export const isOfUse = (name: string): boolean => !unread.test(name)

/** Why a request cannot be sent once more; `undefined` where it can. */
export function whyNotAgain({
  operation,
  method,
}: {
  readonly operation: string | null
  readonly method: string
}): string | undefined {
  if (operation === 'uploadPart') return 'It cannot be sent once more: the bytes of a part are not kept.'
  return method === '' ? 'It cannot be sent once more: nothing of it could be read.' : undefined
}
