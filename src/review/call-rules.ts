import type { Entry } from '../intercept/entry.ts'
import { deviceOf } from '../intercept/search.ts'
import { batchOf, between, configOf, inAnswer, inRequest, isOf, isSuccess, queryOf, userOf } from './reading.ts'
import type { ReviewRule } from './rules.ts'

/** The next entry that fits, with whatever lies between. */
function next(
  entries: readonly Entry[],
  entry: Entry,
  fits: (later: Entry) => boolean,
): { found: Entry; between: Entry[] } | undefined {
  const later = entries.filter(({ id }) => id > entry.id)
  const index = later.findIndex(fits)
  const found = later[index]
  return found && { found, between: later.slice(0, index) }
}

const mismatch = 13990409

function changedBlindly(entries: readonly Entry[]): Entry[][] {
  const refused = entries.filter((entry) => isOf(entry, 'updateConfigInfo') && isMismatch(entry))
  return refused.flatMap((entry) => {
    const again = next(entries, entry, (later) => isOf(later, 'updateConfigInfo') && isSameConfig(entry, later))
    if (again === undefined) return []
    return again.between.some((one) => showsConfig(one, entry)) ? [] : [[entry, again.found]]
  })
}

/** Whether an answer told the value that a change was about. */
function showsConfig(read: Entry, change: Entry): boolean {
  if (!isSuccess(read) || configOf(read) !== configOf(change)) return false
  const isOfName = isOf(read, 'getConfigInfo') && queryOf(read, 'configName') === inRequest(change, 'configName')
  return isOfName || isOf(read, 'listConfigInfos')
}

/** By the message too: a profile may have given the code another number. */
const isMismatch = ({ code, reason }: Entry): boolean =>
  code === mismatch || (reason?.startsWith('body/currentConfigValue is not the present value') ?? false)

const isSameConfig = (one: Entry, other: Entry): boolean =>
  configOf(one) === configOf(other) && inRequest(one, 'configName') === inRequest(other, 'configName')

function sentAgainWhole(entries: readonly Entry[]): Entry[][] {
  const batches = entries.filter((entry) => isOf(entry, 'batchAddBackupScope'))
  return batches.filter(isPartlyDone).flatMap((first) => {
    const again = next(
      entries,
      first,
      (later) => isOf(later, 'batchAddBackupScope') && batchOf(later) === batchOf(first),
    )
    const isUndone = again?.between.some((one) => isOf(one, ...undoing) && isSuccess(one) && isOfSameDevice(one, first))
    return again && !isUndone ? [[first, again.found]] : []
  })
}

/** What takes scopes away again. */
const undoing = ['batchDeleteBackupScope', 'unbindDevice']

const isOfSameDevice = (one: Entry, other: Entry): boolean =>
  userOf(one) === userOf(other) && deviceOf(one) === deviceOf(other)

/** Something of the batch was added, and not all of that was told: by failures, or by an answer that was lost. */
function isPartlyDone(entry: Entry): boolean {
  const [asked, answered] = [inRequest(entry, 'scopeList'), inAnswer(entry, 'scopeList')]
  // A long answer is kept in part; the rows then tell how many there were.
  const added = Array.isArray(answered) ? answered.length : entry.rowsWritten
  return added > 0 && (entry.status === null || (Array.isArray(asked) && added < asked.length))
}

function retriedAtOnce(entries: readonly Entry[]): Entry[][] {
  return entries
    .filter(({ status }) => status === 429)
    .flatMap((throttled) => {
      const again = next(entries, throttled, (later) => isSameCall(throttled, later))
      const wait = (throttled.retryAfter ?? 1) * 1000
      return again && waited(throttled, again.found) < wait ? [[throttled, again.found]] : []
    })
}

/** By either clock: a test may let the state clock wait in its place. */
const waited = (one: Entry, other: Entry): number =>
  Math.max(between(one.wallTime, other.wallTime), between(one.time, other.time))

const isSameCall = (one: Entry, other: Entry): boolean =>
  one.operation === other.operation &&
  one.path === other.path &&
  isOfSameDevice(one, other) &&
  inRequest(one, 'moduleCode') === inRequest(other, 'moduleCode')

const unreadFields = (entries: readonly Entry[]): Entry[][] =>
  entries.filter(({ unread }) => unread.length > 0).map((entry) => [entry])

const unboundDevices = (entries: readonly Entry[]): Entry[][] =>
  entries
    .filter((entry) => isSuccess(entry) && entry.reason?.includes('devices=adopt bound it'))
    .map((entry) => [entry])

const oldMillis = 60_000

/** On a connection that was just made, a date of a minute ago is a clock that goes wrong, not a slow network. */
const oldDates = (entries: readonly Entry[]): Entry[][] =>
  entries.filter((entry) => entry.isFirstOnConnection && ageOfDate(entry) > oldMillis).map((entry) => [entry])

function ageOfDate({ requestHeaders, signingTime }: Entry): number {
  const iso = String(requestHeaders['x-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const age = Date.parse(signingTime) - Date.parse(iso)
  return Number.isNaN(age) ? 0 : age
}

/** Single calls, and how they are tried again. */
export const callRules: readonly ReviewRule[] = [
  {
    rule: 'change-without-reading',
    message: 'A configuration was changed again after a mismatch, without reading its present value in between.',
    find: changedBlindly,
  },
  {
    rule: 'batch-sent-again-whole',
    message:
      'A batch was sent again whole, although some of its items had been added: send those that failed, or read first.',
    find: sentAgainWhole,
  },
  {
    rule: 'retry-without-waiting',
    message: 'A throttled call was tried again before the time that Retry-After asks for had passed.',
    find: retriedAtOnce,
  },
  {
    rule: 'unread-fields',
    message: 'The request has fields or parameters that nobody reads.',
    find: unreadFields,
  },
  {
    rule: 'device-not-bound',
    message: 'A device was used without having been bound: only devices=adopt lets that pass.',
    find: unboundDevices,
  },
  {
    rule: 'old-date',
    message: 'X-Date is older than a minute on a fresh connection: the clock of the client goes wrong.',
    find: oldDates,
  },
]
