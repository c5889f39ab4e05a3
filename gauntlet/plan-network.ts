import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import { batchListOf } from '../schemas/operation.ts'
import type { Adversity, PlannedFault } from './adversity.ts'
import type { ClientCall } from './calls.ts'
import type { Depth } from './depth.ts'

const upload = 'uploadPart'

const all: Readonly<Record<string, Operation>> = contracts

export const isWrite = ({ operation }: Pick<ClientCall, 'operation'>): boolean =>
  operation === upload || (all[operation] !== undefined && all[operation]?.method !== 'GET')

/** Longer than anybody waits. */
const neverMillis = 86_400_000

type Hiccup = readonly [what: string, effect: PlannedFault['effect'], says: string]

/** What befalls one call alone. */
const hiccups: readonly Hiccup[] = [
  ['lose-answer', { type: 'loseAnswer' }, 'the work was done, and its answer never came'],
  ['reset', { type: 'reset' }, 'the connection broke before anything was done'],
  ['refuse-500', { type: 'refuse', error: 'internal' }, 'the server failed once'],
  ['throttle', { type: 'throttle', retryAfter: 2 }, 'the server asked to wait two seconds'],
  ['gateway-502', { type: 'gateway', code: 'APIGW.0201' }, 'a gateway answered in place of the server'],
  ['truncate', { type: 'truncate', bytes: 11 }, 'the work was done, and its answer broke off'],
  ['slow', { type: 'slow', bytesPerSecond: 400 }, 'the answer came slowly'],
  ['silence', { type: 'latency', ms: neverMillis }, 'no answer came, and the connection stayed open'],
]

/** The same for the parts of a file and for what ends its upload; where nothing is said here, as for other calls. */
const ofUploads: Readonly<Record<string, readonly Hiccup[]>> = {
  uploadPart: [
    ['part-stored-answer-lost', { type: 'loseAnswer' }, 'the part was stored, and the answer never came'],
    ['reset', { type: 'reset', at: 0.5 }, 'the connection broke in the middle of the part'],
    ['refuse-503', { type: 'refuse', status: 503 }, 'the object store failed once'],
    ['throttle', { type: 'throttle', retryAfter: 2 }, 'the object store asked to wait two seconds'],
    ['silence', { type: 'latency', ms: neverMillis }, 'no answer came, and the connection stayed open'],
  ],
  completeFile: [
    ['completion-lost', { type: 'loseAnswer' }, 'the file was completed, and the answer never came'],
    ['completion-refused', { type: 'refuse', error: 'integrity' }, 'the content did not match what was announced'],
    ...hiccups.filter(([what]) => what !== 'lose-answer'),
  ],
}

const hiccupsOf = ({ operation }: ClientCall): readonly Hiccup[] => ofUploads[operation] ?? hiccups

/** What a reading can fail with; its answer may be lost as it may never have been asked for. */
const ofReadings = ['reset', 'refuse-500', 'throttle', 'truncate']
/** What of them befalls a call that is not the first of its operation, unless every call is meant. */
const ofLaterCalls = ['lose-answer', 'reset', 'refuse-500', 'throttle', 'completion-lost', 'part-stored-answer-lost']
/** What finds most, of the first call of each operation that writes. */
const ofQuick = ['lose-answer', 'part-stored-answer-lost', 'completion-lost', 'completion-refused']
/** What a client does in one place for all its calls. */
const onceIsEnough = ['throttle', 'silence']

/** Where a fault meets a call: by its content or by its number. */
export const at = ({ operation, nth, where }: ClientCall): Omit<PlannedFault, 'effect'> =>
  where ? { operations: [operation], body: where.body, when: { first: 1 } } : { operations: [operation], when: { nth } }

const restsOn = ({ operation }: ClientCall): readonly string[] => all[operation]?.facts ?? ['UPL-5', 'DEC-41']

export const one = (
  call: ClientCall,
  what: string,
  kind: Adversity['kind'],
  says: string,
  faults: readonly PlannedFault[],
  more: Partial<Adversity> = {},
): Adversity => ({
  id: `${call.name}:${what}`,
  operation: call.operation,
  what,
  kind,
  says: `${says}, at ${call.name}`,
  faults,
  restsOn: restsOn(call),
  ...more,
})

/** What the network, the gateway and a server that fails do to single calls, and to all of an operation from one on. */
export function networkAdversities(calls: readonly ClientCall[], depth: Depth): Adversity[] {
  const chosen = chosenFor(calls, depth)
  const writes = calls.filter(isWrite)
  const [firstWrite] = writes
  return chosen.flatMap((call) => [
    ...hiccupsOf(call)
      .filter(([what]) => isWanted(call, what, depth, call === firstWrite))
      .map(([what, effect, says]) => one(call, what, 'transient', says, [{ ...at(call), effect }])),
    ...(call.nth === 1 ? outages(call, depth, [firstWrite, writes.at(-1)].includes(call)) : []),
    ...restarts(call, calls, depth),
    ...itemFailures(call, depth),
    ...(call.operation === upload ? expiredLinks(call) : []),
  ])
}

function isWanted(call: ClientCall, what: string, depth: Depth, isFirstWrite: boolean): boolean {
  if (depth === 'all') return isWrite(call) || ofReadings.includes(what)
  if (depth === 'quick') {
    const isMishapOfParts = call.operation === upload && what === 'reset'
    return isWrite(call) && (ofQuick.includes(what) || isMishapOfParts || (isFirstWrite && onceIsEnough.includes(what)))
  }
  if (call.nth > 1) return isWrite(call) && ofLaterCalls.includes(what)
  return isWrite(call) || ofReadings.includes(what)
}

/** From the first call of an operation on, it fails for good. */
function outages(call: ClientCall, depth: Depth, isAtTheEdge: boolean): Adversity[] {
  const from = (effect: PlannedFault['effect']): PlannedFault => ({
    operations: [call.operation],
    when: { from: call.nth },
    effect,
  })
  const failing: PlannedFault['effect'] =
    call.operation === upload ? { type: 'refuse', status: 500 } : { type: 'refuse', error: 'internal' }
  const isForGood = depth !== 'quick' || isWrite(call)
  const isThrottled = depth !== 'quick' && (depth === 'all' || isAtTheEdge) && call.operation !== upload
  return [
    ...(isForGood ? [one(call, 'outage', 'outage', 'the server fails from now on', [from(failing)])] : []),
    ...(isThrottled
      ? [
          one(call, 'throttled-on', 'outage', 'the server asks to wait from now on', [
            from({ type: 'throttle', retryAfter: 1 }),
          ]),
        ]
      : []),
  ]
}

/** Told in tries: how many a client makes in a span of time is for the machine to say, and a verdict must not depend on it. */
const stillClosed: PlannedFault = { operations: '*', when: { first: 1 }, effect: { type: 'reset' } }

function restarts(call: ClientCall, calls: readonly ClientCall[], depth: Depth): Adversity[] {
  const middle = calls[Math.floor(calls.length / 2)]
  const isChosen =
    depth === 'all' || call === middle || (depth === 'usual' && [calls[0], calls.findLast(isWrite)].includes(call))
  if (!isChosen) return []
  const says = 'the server was started again: the connection broke, and so did the next one'
  const fault: PlannedFault = { ...at(call), effect: { type: 'reset' } }
  return [one(call, 'restart', 'transient', says, [fault], { followedBy: stillClosed })]
}

/** Items of a batch that fail alone: once, or whenever they are sent. */
function itemFailures(call: ClientCall, depth: Depth): Adversity[] {
  const contract = all[call.operation]
  const list = contract && batchListOf(contract)
  const items: unknown = list && Object(call.body)[list]
  if (!Array.isArray(items) || items.length === 0) return []
  const last = items.length - 1
  const indexes = depth === 'all' ? [...items.keys()] : [...new Set([0, last])]
  const fail = { type: 'failItems', errorCode: '13000201' } as const
  const never = typeof items[last] === 'string' ? { indexes: [last] } : { match: items[last] }
  return [
    ...indexes.map((index) =>
      one(call, `fail-item-${index}`, 'transient', `item ${index} of the batch failed alone`, [
        { ...at(call), effect: { ...fail, indexes: [index] } },
      ]),
    ),
    one(call, `item-${last}-never`, 'outage', `item ${last} of the batch fails whenever it is sent`, [
      { operations: [call.operation], when: { from: call.nth }, effect: { ...fail, ...never } },
    ]),
  ]
}

/** UPL-5: a link lives for an hour, until the client asks for another. */
function expiredLinks(call: ClientCall): Adversity[] {
  const refuse = { type: 'refuse', status: 403, msg: 'Request has expired' } as const
  const fault: PlannedFault = { operations: [upload], when: { from: call.nth }, effect: refuse }
  return [
    one(call, 'link-expired', 'transient', 'the links had expired, until fresh ones were asked for', [fault], {
      endsAt: 'getMultipartUploadUrl',
    }),
  ]
}

/** The calls that are made to fail: all, the first of each operation, or those that stand for others. */
export function chosenFor(calls: readonly ClientCall[], depth: Depth): readonly ClientCall[] {
  if (depth === 'all') return calls
  return depth === 'quick' ? calls.filter(({ nth }) => nth === 1) : representatives(calls)
}

/** Calls of one operation that follow the same one are alike: the first of each such group, and the last of the operation. */
function representatives(calls: readonly ClientCall[]): ClientCall[] {
  const groups = new Map<string, ClientCall>()
  for (const [index, call] of calls.entries()) {
    const name = `${call.operation} after ${calls[index - 1]?.operation}`
    if (!groups.has(name)) groups.set(name, call)
  }
  const chosen = new Set(groups.values())
  for (const { operation } of calls) {
    const last = calls.findLast((call) => call.operation === operation)
    if (last) chosen.add(last)
  }
  return calls.filter((call) => chosen.has(call))
}
