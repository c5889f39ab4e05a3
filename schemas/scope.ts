import { Type } from '@sinclair/typebox'
import { DeviceParams, Instant, IssuedId, ModuleCode, ModuleQuery } from './common.ts'
import { itemsFailAlone, operation } from './operation.ts'

/** SCO-2. The printed pattern lost a backslash; absent or empty, or from `/` on anything but a backslash. */
const Path = Type.String({ maxLength: 10_000, pattern: '^(?:$|/[^\\\\]*$)', 'x-facts': ['SCO-2'] })

/** SCO-2. That not both may be empty is the rule's to say. */
export const ScopeBaseInfo = Type.Object(
  {
    localPath: Type.Optional(Path),
    targetFolderPath: Type.Optional(Path),
  },
  { title: 'ScopeBaseInfo', 'x-facts': ['SCO-2'] },
)

/** SCO-4. */
export const ScopeInfo = Type.Object(
  {
    localPath: Path,
    targetFolderPath: Path,
    scopeId: IssuedId,
    moduleCode: ModuleCode,
    createTime: Instant,
  },
  { title: 'ScopeInfo' },
)

/** SCO-4: the paths as they were sent, good or bad. */
export const ScopeAddFailedInfo = Type.Object(
  {
    localPath: Type.String(),
    targetFolderPath: Type.String(),
    errorCode: Type.String(),
    msg: Type.String(),
  },
  { title: 'ScopeAddFailedInfo' },
)

export const batchAddBackupScope = operation({
  id: 'batchAddBackupScope',
  method: 'POST',
  path: '/device/{deviceId}/scope',
  summary: 'Add backup scopes of a module in a batch',
  standing: 'documented',
  facts: ['SCO-1', 'SCO-2', 'SCO-3', 'SCO-4', 'DEC-16', 'DEC-19', 'DEC-21'],
  params: DeviceParams,
  body: Type.Object({
    moduleCode: ModuleCode,
    scopeList: Type.Array(ScopeBaseInfo, {
      minItems: 1,
      maxItems: 100,
      'x-facts': ['SCO-1', 'DEC-19'],
      ...itemsFailAlone,
    }),
  }),
  payload: Type.Object({
    scopeList: Type.Array(ScopeInfo),
    failedScopeList: Type.Array(ScopeAddFailedInfo),
  }),
  refusals: ['notFound'],
  itemRefusals: ['invalid', 'scopeExists', 'tooManyScopes'],
})

/** SCO-5: the id as it was sent. */
export const ScopeDeleteFailedInfo = Type.Object(
  {
    scopeId: Type.String(),
    errorCode: Type.String(),
    msg: Type.String(),
  },
  { title: 'ScopeDeleteFailedInfo' },
)

export const batchDeleteBackupScope = operation({
  id: 'batchDeleteBackupScope',
  method: 'DELETE',
  path: '/device/{deviceId}/scope',
  summary: 'Delete backup scopes in a batch',
  // That failedScopeList is an array is inferred: one locale types it as an object.
  standing: 'inferred',
  facts: ['SCO-5', 'DEC-16', 'DEC-20', 'DEC-21'],
  params: DeviceParams,
  body: Type.Object({
    scopeIdList: Type.Array(Type.String({ 'x-facts': ['SCO-5'] }), {
      minItems: 1,
      maxItems: 100,
      examples: [['1842846715527366528']],
      'x-facts': ['SCO-5', 'DEC-20'],
    }),
  }),
  payload: Type.Object({
    scopeIdList: Type.Array(Type.String()),
    failedScopeList: Type.Array(ScopeDeleteFailedInfo),
  }),
  refusals: ['notFound'],
  itemRefusals: ['notFound'],
})

export const listBackupScope = operation({
  id: 'listBackupScope',
  method: 'GET',
  path: '/device/{deviceId}/scope',
  summary: "List a module's backup scopes, oldest first",
  standing: 'documented',
  facts: ['SCO-4', 'SCO-6', 'DEC-1', 'DEC-16'],
  params: DeviceParams,
  query: ModuleQuery,
  payload: Type.Object({ scopeList: Type.Array(ScopeInfo) }),
  refusals: ['notFound'],
})
