import type { Entry } from '../intercept/entry.ts'
import { between, inAnswer, isOf, isSuccess, lockOf, queryOf, recordOf } from './reading.ts'
import type { ReviewRule } from './rules.ts'

/** LOC-1: ten minutes; 80 % of them. */
const lateMillis = 8 * 60 * 1000

const after = (entries: readonly Entry[], entry: Entry): Entry[] => entries.filter(({ id }) => id > entry.id)

const successes = (entries: readonly Entry[], operation: string): Entry[] =>
  entries.filter((entry) => isOf(entry, operation) && isSuccess(entry))

/** What an answer that reached its client gave it to care for. */
const given = (entries: readonly Entry[], operation: string): Entry[] =>
  successes(entries, operation).filter(({ status }) => status !== null)

/** The renewals or the releases of a lock, by its id, those included that came too late. */
const usesOf = (entries: readonly Entry[], created: Entry, operation: string): Entry[] =>
  after(entries, created).filter(
    (entry) =>
      isOf(entry, operation) &&
      lockOf(entry) === inAnswer(created, 'data', 'lockId') &&
      (isSuccess(entry) || entry.reason?.startsWith('x-backup-lock-id:')),
  )

const neverReleased = (entries: readonly Entry[]): Entry[][] =>
  given(entries, 'createBackupLock')
    .filter((created) => usesOf(entries, created, 'releaseBackupLock').length === 0)
    .map((created) => [created])

function renewedLate(entries: readonly Entry[]): Entry[][] {
  return successes(entries, 'createBackupLock').flatMap((created) => {
    const released = usesOf(entries, created, 'releaseBackupLock')[0]?.id ?? Number.POSITIVE_INFINITY
    const renewals = usesOf(entries, created, 'renewalBackupLock').filter(({ id }) => id < released)
    const uses = [created, ...renewals]
    return uses.slice(1).flatMap((renewal, index) => {
      const before = uses[index]
      return before && between(before.time, renewal.time) > lateMillis ? [[before, renewal]] : []
    })
  })
}

const recordIdOf = (created: Entry): unknown => inAnswer(created, 'data', 'recordId')

const neverCompleted = (entries: readonly Entry[]): Entry[][] =>
  given(entries, 'createBackupRecord')
    .filter((created) => {
      const ends = after(entries, created).filter((entry) => isOf(entry, 'completeBackup', 'deleteBackupRecord'))
      return !ends.some((entry) => isSuccess(entry) && recordOf(entry) === recordIdOf(created))
    })
    .map((created) => [created])

function completedEarly(entries: readonly Entry[]): Entry[][] {
  return successes(entries, 'completeBackup').flatMap((completion) => {
    const earlier = entries.filter(({ id }) => id < completion.id)
    const open = successes(earlier, 'createBackupFile').filter(
      (file) => recordOf(file) === recordOf(completion) && !isUploaded(earlier, file),
    )
    return open.length === 0 ? [] : [[...open, completion]]
  })
}

function isUploaded(entries: readonly Entry[], file: Entry): boolean {
  const uploadId = inAnswer(file, 'uploadId')
  if (typeof uploadId !== 'string' || uploadId === '') return true
  return entries.some(
    (entry) => entry.method === 'PUT' && isSuccess(entry) && entry.path.includes(`/_upload/${uploadId}/`),
  )
}

const lists = ['listBackupRecord', 'listBackupFile']

function cursorNotFollowed(entries: readonly Entry[]): Entry[][] {
  const asked = entries.filter((entry) => isOf(entry, ...lists))
  const pages = asked.filter((entry) => isSuccess(entry) && entry.status !== null)
  return pages.flatMap((page) => {
    const cursor = inAnswer(page, 'nextCursor')
    if (typeof cursor !== 'string') return []
    const isFollowed = after(asked, page).some((entry) => queryOf(entry, 'cursor') === cursor)
    return isFollowed ? [] : [[page]]
  })
}

/** Locks, records, files and pages: a backup as a whole. */
export const backupRules: readonly ReviewRule[] = [
  {
    rule: 'lock-never-released',
    message: 'The lock was never released: for the rest of its ten minutes nobody else can back this module up.',
    find: neverReleased,
  },
  {
    rule: 'lock-renewed-late',
    message: 'The lock was renewed later than after 80 % of its ten minutes: a slow moment more, and it is lost.',
    find: renewedLate,
  },
  {
    rule: 'record-never-completed',
    message: 'The record was neither completed nor deleted.',
    find: neverCompleted,
  },
  {
    rule: 'record-completed-before-uploads',
    message: 'The record was completed before the uploads of its files were finished.',
    find: completedEarly,
  },
  {
    rule: 'cursor-not-followed',
    message: 'A page said that there is more, and nobody asked for it.',
    find: cursorNotFollowed,
  },
]
