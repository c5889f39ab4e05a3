import type { WholeEntryView } from '../src/journal/view.ts'

type Entry = Pick<WholeEntryView, 'operation' | 'code' | 'delivered' | 'requestHeaders' | 'responseBody' | 'world'>

/** A lock that lives in the end. */
export interface LivingLock {
  readonly lockId: string
  readonly moduleCode: string
}

/**
 * Locks that live in the end, although the client was given them and never tried to give them back: neither one whose answer
 * did not reach it, nor somebody else's, nor one whose release was tried and refused.
 */
export function keptLocks(entries: readonly Entry[], living: readonly LivingLock[]): LivingLock[] {
  const given = new Set(entries.filter((entry) => isOf(entry, 'createBackupLock') && isGiven(entry)).map(lockIn))
  const tried = new Set(
    entries
      .filter((entry) => isOf(entry, 'releaseBackupLock'))
      .map(({ requestHeaders }) => requestHeaders['x-backup-lock-id']),
  )
  return living.filter(({ lockId }) => given.has(lockId) && !tried.has(lockId))
}

export const neverReleased = (moduleCode: string): string => `the lock of module ${moduleCode} was never released`

const isOf = ({ operation }: Entry, name: string): boolean => operation === name

const isGiven = ({ code, delivered }: Entry): boolean => code === 0 && delivered

const lockIn = ({ responseBody }: Entry): unknown => Object(Object(responseBody)['data'])['lockId']
