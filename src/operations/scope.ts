import type { Contracts } from '../../schemas/index.ts'
import type { PayloadOf } from '../../schemas/operation.ts'
import type { ErrorKey } from '../errors.ts'
import type { World } from '../world/world.ts'
import { boundDevice, deviceForReading, deviceForWriting, deviceOfPath } from './device.ts'
import type { Rule, RuleRequest } from './rule.ts'

type AddScopes = Contracts['batchAddBackupScope']
type AddRequest = RuleRequest<AddScopes>
type Item = AddRequest['body']['scopeList'][number]
type ScopeInfo = PayloadOf<AddScopes>['scopeList'][number]

/** SCO-1 to SCO-4, DEC-19: every item is added or fails for itself, in the request's order. */
export const batchAddBackupScope: Rule<AddScopes> = (world, request) => {
  const device = deviceForWriting(world, deviceOfPath(request))
  const answer: PayloadOf<AddScopes> = { scopeList: [], failedScopeList: [] }
  let room = roomFor(world, device, request.body.moduleCode)
  for (const item of request.body.scopeList) {
    const paths = { localPath: item.localPath ?? '', targetFolderPath: item.targetFolderPath ?? '' }
    const outcome = isBroken(request, item) ? 'invalid' : addScope(world, request, device, paths, room)
    if (typeof outcome === 'string') {
      answer.failedScopeList.push({ ...paths, ...itemFailure(world, outcome) })
    } else {
      answer.scopeList.push(outcome)
      room -= 1
    }
  }
  return answer
}

/** How many more scopes the module takes; counted only where there is a limit, so that a batch costs the same at any size. */
function roomFor(world: World, device: number, moduleCode: string): number {
  const limit = world.settings.scopesPerModule
  return Number.isFinite(limit) ? limit - world.store.scopes.count(device, moduleCode) : limit
}

const isBroken = (request: AddRequest, item: Item): boolean =>
  !(item.localPath || item.targetFolderPath) || request.itemDefect('scopeList', item) !== undefined

function addScope(
  world: World,
  { body: { moduleCode }, now }: AddRequest,
  device: number,
  paths: Required<Item>,
  room: number,
): ScopeInfo | ErrorKey {
  const { scopes } = world.store
  if (room <= 0) return scopes.has(device, moduleCode, paths) ? 'scopeExists' : 'tooManyScopes'
  const issued = world.ids.next(now)
  const added = scopes.add(issued, device, moduleCode, paths)
  if (added === undefined) return 'scopeExists'
  world.ids.take(issued)
  return added
}

/** What a failed item says beside what was sent: the code as text, and the message (SCO-4, SCO-5). */
function itemFailure(world: World, key: ErrorKey): { errorCode: string; msg: string } {
  const { code, msg } = world.errors[key]
  return { errorCode: String(code), msg }
}

/** SCO-5, DEC-20: every id is deleted or fails for itself. */
export const batchDeleteBackupScope: Rule<Contracts['batchDeleteBackupScope']> = (world, request) => {
  const device = boundDevice(world, deviceOfPath(request))
  const outcomes = request.body.scopeIdList.map((scopeId) => ({
    scopeId,
    isGone: world.store.scopes.remove(device, scopeId),
  }))
  return {
    scopeIdList: outcomes.filter(({ isGone }) => isGone).map(({ scopeId }) => scopeId),
    failedScopeList: outcomes
      .filter(({ isGone }) => !isGone)
      .map(({ scopeId }) => ({ scopeId, ...itemFailure(world, 'notFound') })),
  }
}

/** SCO-6. */
export const listBackupScope: Rule<Contracts['listBackupScope']> = (world, request) => {
  const device = deviceForReading(world, deviceOfPath(request))
  return { scopeList: device ? world.store.scopes.list(device.key, request.query.moduleCode) : [] }
}
