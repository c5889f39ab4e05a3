import { sentHeaders } from '../http/written-request.ts'
import { bodyOf, valueAt } from './edited-request.ts'
import type { RefusedRequest, Remedy } from './remedy.ts'
import { set } from './remedy.ts'
import {
  configNamesFor,
  devicesFor,
  locksFor,
  moduleFor,
  named,
  openRecordsFor,
  presentValueFor,
  userIn,
} from './stored.ts'

/** Where in the request a reason says that it is about. */
const placeIn = ({ reason }: RefusedRequest): string => reason.replace(/^([\w/]+).*$/s, '$1')

function lockRemedies(refused: RefusedRequest): Remedy[] {
  const sent = sentHeaders(refused.request)['x-backup-lock-id']
  const live = locksFor(refused).filter(({ lockId }) => lockId !== sent)
  const at = 'header/x-backup-lock-id'
  const create: Remedy = {
    kind: 'call',
    method: 'POST',
    path: '/lock',
    body: { moduleCode: moduleFor(refused) ?? '100' },
    gives: { at, name: '$lockId', from: 'data/lockId' },
  }
  return [...set(at, ...live.map(({ lockId }) => lockId)), create]
}

function recordRemedies(refused: RefusedRequest): Remedy[] {
  const [lock] = locksFor(refused)
  const others = openRecordsFor(refused).filter((recordId) => recordId !== named(refused, 'recordId'))
  const [deviceId] = devicesFor(refused)
  if (lock === undefined) return [...set('path/recordId', ...others), ...lockRemedies(refused)]
  const create: Remedy = {
    kind: 'call',
    method: 'POST',
    path: '/record',
    body: { moduleCode: lock.moduleCode, deviceId: deviceId ?? '1' },
    lockId: lock.lockId,
    gives: { at: 'path/recordId', name: '$recordId', from: 'data/recordId' },
  }
  return [...set('path/recordId', ...others.slice(0, 3)), create]
}

function deviceRemedies(refused: RefusedRequest): Remedy[] {
  const at = deviceAt(refused)
  const bind: Remedy = {
    kind: 'call',
    method: 'POST',
    path: '/device',
    body: { machineCode: machineCodeFor(refused) },
    gives: { at, name: '$deviceId', from: 'data/deviceId' },
  }
  return [...set(at, ...devicesFor(refused).slice(0, 3)), bind]
}

/** Its reason does not say where the device is named. */
function deviceAt({ request, operation }: RefusedRequest): string {
  if (Object.hasOwn(Object(bodyOf(request)), 'deviceId')) return 'body/deviceId'
  return operation === 'listBackupRecord' ? 'query/deviceId' : 'path/deviceId'
}

/** That of the device that was unbound, as far as it had one. */
function machineCodeFor(refused: RefusedRequest): string {
  const { devices } = refused.world.store
  const device = devices.find(userIn(refused), String(named(refused, 'deviceId')))
  return (device && devices.read(device.key).machineCode) || 'example'
}

function missingRemedies(refused: RefusedRequest): Remedy[] {
  if (refused.reason.startsWith('deviceId:')) return deviceRemedies(refused)
  if (refused.reason.includes('configName')) return set(placeIn(refused), ...configNamesFor(refused))
  return recordRemedies(refused)
}

const heldRemedies = (refused: RefusedRequest): Remedy[] =>
  locksFor(refused)
    .slice(0, 1)
    .flatMap(({ lockId, expiresMillis }): Remedy[] => [
      { kind: 'wait', until: expiresMillis },
      { kind: 'call', method: 'DELETE', path: '/lock', lockId },
    ])

function fileRemedies(refused: RefusedRequest): Remedy[] {
  const fileName = String(named(refused, 'fileName'))
  const again = fileName.replace(/(\.[^.]*)?$/, ' (2)$1')
  return [...set('body/fileName', again), ...set('body/autoRename', 2)]
}

function digestRemedies(refused: RefusedRequest): Remedy[] {
  const file = refused.world.store.files.own(userIn(refused), String(named(refused, 'fileId')))
  return set('body/sha256', ...[file?.sha256, null].filter((one) => one !== undefined))
}

/** Where a space stands for a plus that was not encoded, the plus; otherwise nothing at all. */
function invalidRemedies(refused: RefusedRequest): Remedy[] {
  const at = placeIn(refused)
  const value = refused.reason.includes('%2B') ? String(valueAt(refused.request, refused.operation, at)) : ''
  return set(at, ...(value === '' ? [] : [value.replaceAll(' ', '+')]), null)
}

/** What may help a request that the rule of its operation refuses, by the key of the refusal. */
export const ruleRemedies: Readonly<Record<string, (refused: RefusedRequest) => Remedy[]>> = {
  valueMismatch: (refused) => set('body/currentConfigValue', presentValueFor(refused)),
  lockNotHeld: lockRemedies,
  lockHeld: heldRemedies,
  notFound: missingRemedies,
  recordCompleted: recordRemedies,
  duplicateFile: fileRemedies,
  integrity: digestRemedies,
  invalid: invalidRemedies,
}

/** The header of the lock is missing, or none that could be one. */
export const missingLockRemedies = lockRemedies
