import type { ReviewRule } from './finding.ts'
import type { History } from './history.ts'
import { grouped } from './history.ts'
import { deviceOf, isGiven, isOf, isSuccess, isThrottled, keyOf, waited } from './questions.ts'
import type { Reviewed } from './reviewed.ts'

/** Whoever is told nothing waits so long. */
const usualWait = 1000
/** So many calls like a throttled one are looked at for its retry. */
const mostFollowing = 32

const callOf = ({ userId, operation, target, lockId, facts }: Reviewed): string =>
  keyOf(userId, operation, target, lockId, facts.digest)

const retriedAtOnce = (history: History): Reviewed[][] =>
  [...grouped(history.exchanges, callOf).values()].flatMap((alike) => hasty(history, alike))

/**
 * Of calls that are all alike, those that were too early for a retry. Clients that do the same look like one client, so a
 * call that came in time is taken for the retry of the newest throttled call that has none yet.
 */
function hasty(history: History, alike: readonly Reviewed[]): Reviewed[][] {
  const found: Reviewed[][] = []
  let unused = alike.length - 1
  for (let place = alike.length - 1; place >= 0; place -= 1) {
    const call = alike[place]
    if (!call || !isThrottled(call) || !call.delivered) continue
    const last = alike[unused]
    if (last && unused > place && isInTime(call, last)) unused -= 1
    else found.unshift(...tooEarly(history, call, alike.slice(place + 1, place + 1 + mostFollowing)))
  }
  return found
}

function tooEarly(history: History, call: Reviewed, following: readonly Reviewed[]): Reviewed[][] {
  const again = following.find((later) => history.clients.goesOn(call, later))
  return again && !isInTime(call, again) ? [[call, again]] : []
}

/** A client has an answer a moment before it is over here, and no clock is as exact as that. */
const leeway = 20

const isInTime = (call: Reviewed, later: Reviewed): boolean =>
  later.begunAfter >= call.id && waited(call, later) + leeway >= (call.retryAfter ?? usualWait)

const unreadFields = ({ exchanges }: History): Reviewed[][] =>
  exchanges.filter(({ facts }) => facts.unread.length > 0).map((exchange) => [exchange])

function unboundDevices({ exchanges, all }: History): Reviewed[][] {
  const adopting = exchanges.filter((exchange) => isSuccess(exchange) && isAdopting(exchange))
  if (adopting.length === 0) return []
  const bound = grouped(all.filter(isBinding), deviceBoundBy)
  const wasBound = (use: Reviewed) => bound.get(deviceOf(use))?.some(({ id }) => id <= use.begunAfter)
  return adopting.filter((exchange) => !wasBound(exchange)).map((exchange) => [exchange])
}

/** Whether a device was bound, maybe in a state that was undone since: its client did what it should. */
const isBinding = (exchange: Reviewed): boolean => isOf(exchange, 'bindDevice') && isGiven(exchange)

const deviceBoundBy = ({ userId, facts }: Reviewed): string => keyOf(userId, facts.given.deviceId)

const isAdopting = ({ reason }: Reviewed): boolean => reason?.includes('devices=adopt bound it') ?? false

/** Ids that only a floating-point number could have made of others. */
function roundedIds({ exchanges }: History): Reviewed[][] {
  const givers = new Map<string, Reviewed>()
  const byNumber = new Map<string, Reviewed>()
  for (const exchange of exchanges) {
    for (const id of exchange.facts.ids.filter((text) => isDigits.test(text))) {
      if (!givers.has(id)) givers.set(id, exchange)
      const number = keyOf(exchange.userId, String(Number(id)))
      if (Number(id) > Number.MAX_SAFE_INTEGER && !byNumber.has(number)) byNumber.set(number, exchange)
    }
  }
  return exchanges.flatMap((exchange) => {
    // What answers from then on repeat was not given: a device that is adopted by a rounded id has that id.
    const isUnheard = (id: string) => Number(givers.get(id)?.id ?? Number.POSITIVE_INFINITY) > exchange.begunAfter
    const id = [exchange.facts.sent.deviceId, exchange.facts.sent.recordId].find(
      (one) => one && isRounded(one) && isUnheard(one),
    )
    const giver = id && byNumber.get(keyOf(exchange.userId, String(Number(id))))
    return giver && giver.id <= exchange.begunAfter && isOfNothing(exchange) ? [[giver, exchange]] : []
  })
}

const isDigits = /^[0-9]{1,19}$/

/** Whether a text is what printing a number gives, by its shortest digits or by all of them. */
const isRounded = (id: string): boolean =>
  isDigits.test(id) && (id === String(Number(id)) || BigInt(Number(id)) === BigInt(id))

/** What readings answer for a device that never was. */
const readings = ['listBackupScope', 'listBackupRecord', 'getConfigInfo', 'listConfigInfos']

/** Whether an answer shows nothing that belongs to the id, so that it may well be nobody's. */
const isOfNothing = (exchange: Reviewed): boolean =>
  exchange.refusal === 'notFound' ||
  isAdopting(exchange) ||
  (isSuccess(exchange) &&
    isOf(exchange, ...readings) &&
    (isOf(exchange, 'getConfigInfo', 'listConfigInfos') || exchange.facts.listed === 0))

const oldMillis = 60_000

/** On a connection that was just made, a date of a minute ago is a clock that goes wrong, not a slow network. */
const oldDates = ({ exchanges }: History): Reviewed[][] =>
  exchanges.filter((exchange) => exchange.isFirstOnConnection && ageOfDate(exchange) > oldMillis).map((one) => [one])

const futureDates = ({ exchanges }: History): Reviewed[][] =>
  exchanges.filter((exchange) => ageOfDate(exchange) < 0).map((exchange) => [exchange])

/** A clock may be read and then told to somebody else meanwhile. */
const sameMillis = 5

/** How old the date of a request is; no age where none is known, or the clock that judges it was turned, for whose sake a client cannot be blamed. */
function ageOfDate({ xDate, signingTime, startedAt, operation }: Reviewed): number {
  if (operation === 'uploadPart' || Math.abs(signingTime - startedAt) > sameMillis) return 0
  const iso = String(xDate).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const age = signingTime - Date.parse(iso)
  return Number.isNaN(age) ? 0 : age
}

/** Single calls, and how they are tried again. */
export const callRules: readonly ReviewRule[] = [
  {
    rule: 'retry-without-waiting',
    title: 'Retry without waiting',
    message: 'A throttled call was tried again before the time had passed that its answer asks to wait.',
    facts: ['COM-17'],
    find: retriedAtOnce,
  },
  {
    rule: 'unread-fields',
    title: 'Fields that nobody reads',
    message: 'The request has fields or parameters that nobody reads.',
    facts: ['DEC-8'],
    find: unreadFields,
  },
  {
    rule: 'device-not-bound',
    title: 'Device not bound',
    message: 'A device was used without having been bound: only devices=adopt lets that pass.',
    facts: ['DEV-1', 'DEC-16'],
    find: unboundDevices,
  },
  {
    rule: 'id-rounded',
    title: 'Id rounded',
    message:
      'The id is one that was given, gone through a floating-point number: ids are text and keep all their digits.',
    facts: ['COM-9'],
    find: roundedIds,
  },
  {
    rule: 'old-date',
    title: 'Old date',
    message: 'X-Date is older than a minute on a fresh connection: the clock of the client goes wrong.',
    facts: ['COM-4'],
    find: oldDates,
  },
  {
    rule: 'future-date',
    title: 'Future date',
    message: 'X-Date lies after the clock of the server: the clock of the client is ahead, or it rounds seconds up.',
    facts: ['COM-4'],
    find: futureDates,
  },
]
