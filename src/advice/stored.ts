import { valueNamed } from '../../schemas/named-value.ts'
import { RequestTarget } from '../http/request-target.ts'
import { sentHeaders } from '../http/written-request.ts'
import { bodyOf, valueAt } from './edited-request.ts'
import type { RefusedRequest } from './remedy.ts'

/** What is looked through for something that would fit. */
const mostLookedAt = 100

const modules = ['100', '101', '102'] as const

/** The user of a request; `""` where it names none. */
export const userIn = ({ request }: RefusedRequest): string => String(sentHeaders(request)['x-user-id'] ?? '')

/** A value of the request's path, query or body by its name. */
export function named({ request, operation }: RefusedRequest, name: string): string | undefined {
  const ofPath = valueAt(request, operation, `path/${name}`)
  const params = ofPath === null ? {} : { [name]: ofPath }
  const value = valueNamed(name, { params, query: new RequestTarget(request.path).pairs, body: bodyOf(request) })
  return typeof value === 'string' ? value : undefined
}

/** The user's bound devices, the newest first. */
export const devicesFor = (refused: RefusedRequest): string[] =>
  refused.world.store.devices
    .list(userIn(refused))
    .map(({ deviceId }) => deviceId)
    .reverse()
    .slice(0, mostLookedAt)

/** Locks of the user that live, those of the request's own module first. */
export function locksFor(
  refused: RefusedRequest,
): { readonly moduleCode: string; readonly lockId: string; readonly expiresMillis: number }[] {
  const { store } = refused.world
  const own = moduleFor(refused)
  const live = store.locks.list(userIn(refused)).filter(({ expiresMillis }) => expiresMillis > refused.now)
  return live.sort((one, other) => Number(other.moduleCode === own) - Number(one.moduleCode === own))
}

/** The module that a request is about: as it says, or its record, or the lock that it showed. */
export function moduleFor(refused: RefusedRequest): string | undefined {
  const recordId = named(refused, 'recordId')
  const record = recordId === undefined ? undefined : refused.world.store.records.find(userIn(refused), recordId)
  const lockId = String(sentHeaders(refused.request)['x-backup-lock-id'] ?? '')
  return named(refused, 'moduleCode') ?? record?.moduleCode ?? modules.find((code) => lockId.endsWith(`@${code}`))
}

/** Records of the user that are not completed, the newest first, of the request's own module where it has one. */
export function openRecordsFor(refused: RefusedRequest): string[] {
  const own = moduleFor(refused)
  const userId = userIn(refused)
  const asked = modules.filter((code) => own === undefined || code === own)
  const records = asked.flatMap((moduleCode) =>
    refused.world.store.records.list({ userId, moduleCode, after: -1n, limit: mostLookedAt }, undefined),
  )
  return records
    .filter(({ endTime }) => endTime === '')
    .map(({ recordId }) => recordId)
    .reverse()
}

/** What a configuration is at present. */
export function presentValueFor(refused: RefusedRequest): string | undefined {
  const { devices, configs } = refused.world.store
  const [deviceId = '', moduleCode = '', configName = ''] = ['deviceId', 'moduleCode', 'configName'].map((name) =>
    named(refused, name),
  )
  const device = devices.find(userIn(refused), deviceId)
  return (device && configs.find(device.key, moduleCode, configName)) ?? configs.initialValue(moduleCode, configName)
}

/** Names of configurations that the catalogue has for the request's module. */
export const configNamesFor = (refused: RefusedRequest): string[] =>
  refused.world.store.dump
    .catalogue()
    .filter(({ moduleCode }) => moduleCode === named(refused, 'moduleCode'))
    .map(({ configName }) => configName)
