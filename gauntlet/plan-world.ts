import { contracts } from '../schemas/index.ts'
import type { Operation } from '../schemas/operation.ts'
import type { Intrusion } from '../src/world/fault.ts'
import type { Adversity, PlannedFault } from './adversity.ts'
import type { ClientCall } from './calls.ts'
import type { Depth } from './depth.ts'
import { at, one } from './plan-network.ts'

const all: Readonly<Record<string, Operation>> = contracts

const text = (body: unknown, name: string): string => String(Object(body)[name] ?? '')

const meanwhile = (call: ClientCall, effect: object): PlannedFault => ({
  ...at(call),
  effect: { type: 'meanwhile', ...effect },
})

/** What somebody else does between two calls of the client. */
export const worldAdversities = (calls: readonly ClientCall[], depth: Depth): Adversity[] => [
  ...competitors(calls),
  ...takers(calls, depth),
  ...locks(calls, depth),
  ...expiries(calls, depth),
]

/** Another client changes the same value, or adds the same scope, a moment earlier. */
function competitors(calls: readonly ClientCall[]): Adversity[] {
  return calls.flatMap((call): Adversity[] => {
    if (call.operation === 'updateConfigInfo') return [rival(call, calls)]
    const [first]: unknown[] = call.operation === 'batchAddBackupScope' ? [Object(call.body)['scopeList']].flat() : []
    if (first === undefined || call.nth > 1) return []
    const again = { scopeList: [first] }
    return [
      one(call, 'competitor', 'world', 'another client added the first scope a moment earlier', [
        {
          operations: [call.operation],
          body: { '/scopeList/0': first },
          when: { first: 1 },
          effect: { type: 'meanwhile', again },
        },
      ]),
    ]
  })
}

function rival(call: ClientCall, calls: readonly ClientCall[]): Adversity {
  const other = otherThan(text(call.body, 'currentConfigValue'), text(call.body, 'newConfigValue'))
  const name = text(call.body, 'configName')
  const read = calls.findLast(
    ({ operation, place, path }) =>
      operation === 'getConfigInfo' && place < call.place && path.includes(`configName=${encodeURIComponent(name)}`),
  )
  const body = { ...Object(call.body), newConfigValue: other }
  const requests: readonly Intrusion[] = [{ method: 'PATCH', path: '/device/{deviceId}/config', body }]
  // Who writes behind the other has to end as if the other had come before the reading. That is a run of its own.
  const reference = read && { reference: [meanwhile(read, { requests })] }
  const says = `another client set ${name} to ${other} between reading and writing`
  return one(call, 'competitor', 'world', says, [meanwhile(call, { again: { newConfigValue: other } })], reference)
}

/** A value that is neither the one before nor the one after; a counter goes on by some, as another client would have it. */
export function otherThan(current: string, next: string): string {
  const [, stem, digits] = /^(.*?)(\d{1,9})$/.exec(next) ?? []
  if (stem !== undefined && current.startsWith(stem)) return `${stem}${Number(digits) + 4}`
  return `${current.slice(0, 26)}_other`
}

/** Somebody takes away what the client works on: the user unbinds the device in an app, another client tidies up. */
function takers(calls: readonly ClientCall[], depth: Depth): Adversity[] {
  const onDevice = calls.filter(({ path, body }) => /\/device\/[^/?]+\//.test(path) || text(body, 'deviceId') !== '')
  const onRecord = calls.filter(
    ({ path, operation }) =>
      /\/record\/[^/?]+/.test(path) && !['deleteBackupRecord', 'listBackupFile'].includes(operation),
  )
  const take = (call: ClientCall, takes: 'device' | 'record', says: string, path: string) =>
    one(call, `${takes}-gone`, 'world', says, [meanwhile(call, { requests: [{ method: 'DELETE', path }] })], { takes })
  return [
    ...few(onDevice, depth, 'first').map((call) =>
      take(call, 'device', 'another client unbound the device', '/device/{deviceId}'),
    ),
    ...few(onRecord, depth, 'last').map((call) =>
      take(call, 'record', 'another client deleted the record', '/record/{recordId}'),
    ),
  ]
}

function few(calls: readonly ClientCall[], depth: Depth, which: 'first' | 'last'): readonly ClientCall[] {
  if (depth === 'all') return calls
  if (depth === 'usual') return calls.filter(({ nth }) => nth === 1)
  return which === 'first' ? calls.slice(0, 1) : calls.slice(-1)
}

/** LOC-1: a lock lives for ten minutes. */
const lockSpan = 'PT10M'

/** The lock is somebody else's, or is lost under the hands of the client. */
function locks(calls: readonly ClientCall[], depth: Depth): Adversity[] {
  const taken = calls.find(({ operation }) => operation === 'createBackupLock')
  if (taken === undefined) return []
  const moduleCode = text(taken.body, 'moduleCode')
  const take = { method: 'POST', path: '/lock', body: { moduleCode } }
  const under = calls.filter(({ operation, nth }) => all[operation]?.lock && (depth === 'all' || nth === 1))
  const stolen = under.filter(({ operation }) => depth !== 'quick' || operation === 'completeBackup')
  const refuse: PlannedFault = { ...at(taken), effect: { type: 'refuse', error: 'lockHeld' } }
  return [
    one(taken, 'held-for-long', 'world', 'another client held the lock', [meanwhile(taken, { requests: [take] })]),
    one(taken, 'held-for-a-moment', 'world', 'another client held the lock for a moment', [refuse]),
    ...under.map((call) =>
      one(call, 'lock-lost', 'world', 'the lock ran out', [meanwhile(call, { advance: lockSpan })], {
        excuses: ['lock-renewed-late'],
      }),
    ),
    ...stolen.map((call) =>
      one(call, 'lock-stolen', 'world', 'the lock ran out, and another client took it', [
        meanwhile(call, { advance: lockSpan, requests: [take] }),
      ]),
    ),
  ]
}

/** The token expires in the middle. */
function expiries(calls: readonly ClientCall[], depth: Depth): Adversity[] {
  const ofTokens = calls.filter(({ operation }) => operation !== 'uploadPart')
  const middle = ofTokens[Math.floor(ofTokens.length / 2)]
  const chosen = new Set(depth === 'quick' ? [middle] : [ofTokens[1], middle])
  return [...chosen].flatMap((call) =>
    call === undefined
      ? []
      : [
          one(call, 'token-expired', 'world', 'the token expired', [meanwhile(call, { expireToken: true })], {
            knownTokens: true,
          }),
        ],
  )
}
