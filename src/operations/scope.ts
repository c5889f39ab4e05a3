import type { Contracts } from '../../schemas/index.ts'
import type { PayloadOf } from '../../schemas/operation.ts'
import type { ErrorKey } from '../errors.ts'
import type { World } from '../world/world.ts'
import { deviceForWriting } from './device.ts'
import type { Rule } from './rule.ts'

type AddScopes = Contracts['batchAddBackupScope']
type AddRequest = Parameters<Rule<AddScopes>>[1]
type ScopeInfo = PayloadOf<AddScopes>['scopeList'][number]
type Item = AddRequest['body']['scopeList'][number]

/** SCO-1 to SCO-4, DEC-19: every item is added or fails for itself, in the request's order. */
export const batchAddBackupScope: Rule<AddScopes> = (world, request) => {
  const device = deviceForWriting(world, request)
  const answer: PayloadOf<AddScopes> = { scopeList: [], failedScopeList: [] }
  let room = world.settings.scopesPerModule - world.store.scopes.count(device, request.body.moduleCode)
  for (const item of request.body.scopeList) {
    const paths = { localPath: item.localPath ?? '', targetFolderPath: item.targetFolderPath ?? '' }
    const outcome = isBroken(request, item) ? 'invalid' : addScope(world, request, device, paths, room)
    if (typeof outcome === 'string') {
      const { code, msg } = world.errors[outcome]
      answer.failedScopeList.push({ ...paths, errorCode: String(code), msg })
    } else {
      answer.scopeList.push(outcome)
      room -= 1
    }
  }
  return answer
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
  return {
    localPath: added.localPath,
    targetFolderPath: added.targetFolderPath,
    scopeId: added.scopeId,
    moduleCode,
    createTime: added.createTime,
  }
}
