import { lockMillis } from '../../schemas/lock-lifetime.ts'
import type { ReviewRule } from './finding.ts'
import type { History } from './history.ts'
import { isAttempt, isCompleting, isGiven, isOf, isOfOtherModule, isSuccess, isTold, keyOf } from './questions.ts'
import type { Reviewed } from './reviewed.ts'

/** Of a lock's life, 80 %. */
const lateMillis = 0.8 * lockMillis

const renewal = 'renewalBackupLock'
const release = 'releaseBackupLock'

/** Uses of a lock that was given, its own creation aside: nobody but its user can renew or release it (DEC-4). */
const usesOf = (history: History, { userId, facts }: Reviewed): readonly Reviewed[] =>
  history.withLock(String(facts.given.lockId)).filter((use) => use.userId === userId)

/** A renewal or a release; one that came too late was meant as one. */
const isUse = (exchange: Reviewed, operation: string): boolean =>
  isOf(exchange, operation) && (isAttempt(exchange) || exchange.refusal === 'lockNotHeld')

const lockOf = ({ userId, facts }: Reviewed): string => keyOf(userId, facts.sent.moduleCode)

function neverReleased(history: History): Reviewed[][] {
  const created = history.of('createBackupLock').filter(isSuccess)
  const newest = new Map(created.map((lock) => [lockOf(lock), lock.id]))
  return created
    .filter((lock) => lock.delivered && newest.get(lockOf(lock)) === lock.id) // one taken since means that it was over
    .filter((lock) => !usesOf(history, lock).some((use) => isUse(use, release)) && !isKnownLost(history, lock))
    .map((lock) => [lock])
}

/**
 * Whether the client has heard that its lock is gone: there is nothing left to release then. What a fault says in the place of
 * the emulator is believed where it may be so.
 */
function isKnownLost(history: History, created: Reviewed): boolean {
  let expiry = created.time + lockMillis
  for (const use of usesOf(history, created)) {
    if (isOf(use, renewal) && isSuccess(use)) expiry = use.time + lockMillis
    const isLost = use.refusal === 'lockNotHeld' && use.delivered
    if (isLost && ((!use.isInjected && !isOfOtherModule(use)) || use.endTime >= expiry || isOf(use, renewal)))
      return true
  }
  return false
}

function renewedLate(history: History): Reviewed[][] {
  return history
    .of('createBackupLock')
    .filter(isSuccess)
    .flatMap((created) => {
      const uses = usesOf(history, created)
      const released = uses.find((use) => isUse(use, release))?.id ?? Number.POSITIVE_INFINITY
      const renewals = uses.filter((use) => isUse(use, renewal) && use.id < released)
      return renewals.flatMap((late, index) => {
        const before = renewals[index - 1] ?? created
        return late.time - before.endTime > lateMillis ? [[before, late]] : []
      })
    })
}

const ends = ['completeBackup', 'deleteBackupRecord']

/** What the emulator says of a record that somebody ended, maybe where no journal tells of it: by a fault's `meanwhile`. */
const toldOfEnd = ['notFound', 'recordCompleted']

const isEnded = (history: History, { userId, facts }: Reviewed): boolean =>
  history
    .ofRecord(String(facts.given.recordId))
    .some((one) => (isOf(one, ...ends) && isAttempt(one)) || (one.userId === userId && isTold(one, ...toldOfEnd)))

const neverCompleted = (history: History): Reviewed[][] =>
  history
    .of('createBackupRecord')
    .filter((created) => isGiven(created) && !isEnded(history, created))
    .map((created) => [created])

function completedEarly(history: History): Reviewed[][] {
  return history
    .of('completeBackup')
    .filter(isSuccess)
    .flatMap((completion) => {
      const ofRecord = history.ofRecord(String(completion.facts.sent.recordId))
      const announced = ofRecord.filter((one) => isOf(one, 'createBackupFile') && one.id <= completion.begunAfter)
      const open = announced.filter((file) => isGiven(file) && !isUploaded(history, file, completion))
      return open.length === 0 ? [] : [[...open, completion]]
    })
}

/** Whether a file was complete by then, whoever told so; one with nothing to upload is from the start. */
function isUploaded(history: History, { userId, facts: { given } }: Reviewed, completion: Reviewed): boolean {
  if (given.uploadId === undefined) return true
  const ofFile = history.ofFile(String(given.fileId))
  const told = ofFile.filter((one) => isOf(one, 'completeFile') && isSuccess(one))
  // Of a file that was given and whose record is there, this says that it is complete.
  const found = ofFile.filter((one) => one.userId === userId && isTold(one, 'noUpload'))
  const came = history.ofUpload(given.uploadId).filter((one) => isCompleting(one) && isSuccess(one))
  return [...told, ...found, ...came].some(({ id }) => id < completion.id)
}

function cursorNotFollowed(history: History): Reviewed[][] {
  const pages = history.of('listBackupRecord', 'listBackupFile')
  const followed = new Map(pages.map(({ id, facts }) => [facts.sent.cursor, id]))
  return pages
    .filter((page) => isGiven(page) && page.facts.nextCursor !== null)
    .filter(({ id, facts }) => (followed.get(String(facts.nextCursor)) ?? 0) < id)
    .map((page) => [page])
}

/** Locks, records, files and pages: a backup as a whole. */
export const backupRules: readonly ReviewRule[] = [
  {
    rule: 'lock-never-released',
    title: 'Lock never released',
    message: 'The lock was not released: until its ten minutes are over, nobody else can back this module up.',
    isOfAbsence: true,
    facts: ['LOC-1', 'LOC-3'],
    find: neverReleased,
  },
  {
    rule: 'lock-renewed-late',
    title: 'Lock renewed late',
    message:
      'The lock was renewed later than after 80 % of its ten minutes: it was lost by then, or a slow moment away from it.',
    facts: ['LOC-1', 'LOC-2'],
    find: renewedLate,
  },
  {
    rule: 'record-never-completed',
    title: 'Record never completed',
    message: 'The record was neither completed nor deleted.',
    isOfAbsence: true,
    facts: ['REC-2', 'REC-5'],
    find: neverCompleted,
  },
  {
    rule: 'record-completed-before-uploads',
    title: 'Record completed before its uploads',
    message: 'The record was completed before the uploads of its files were complete.',
    facts: ['REC-5', 'UPL-6'],
    find: completedEarly,
  },
  {
    rule: 'cursor-not-followed',
    title: 'Cursor not followed',
    message: 'A page said that there is more, and nobody asked for it.',
    isOfAbsence: true,
    facts: ['REC-4', 'FIL-2', 'DEC-28'],
    find: cursorNotFollowed,
  },
]
