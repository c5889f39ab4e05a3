import { Type } from '@sinclair/typebox'
import { ModuleQuery, NoPayload } from './common.ts'
import { operation } from './operation.ts'

/** LOC-1: a UUID v4, `@`, the module code. */
export const LockId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}@10[0-2]$',
  'x-facts': ['LOC-1'],
})

export const createBackupLock = operation({
  id: 'createBackupLock',
  method: 'POST',
  path: '/lock',
  summary: 'Take the lock of a module; it lives ten minutes, and one at a time',
  // No table lists the body; the example sends the module code.
  standing: 'inferred',
  facts: ['LOC-1', 'DEC-25'],
  body: ModuleQuery,
  payload: Type.Object({ data: Type.Object({ lockId: LockId }) }),
  refusals: ['lockHeld'],
})

export const renewalBackupLock = operation({
  id: 'renewalBackupLock',
  method: 'PATCH',
  path: '/lock',
  summary: 'Renew a lock: ten minutes from now',
  standing: 'documented',
  facts: ['COM-6', 'LOC-2', 'DEC-25'],
  lock: true,
  payload: NoPayload,
})

export const releaseBackupLock = operation({
  id: 'releaseBackupLock',
  method: 'DELETE',
  path: '/lock',
  summary: 'Release a lock',
  standing: 'documented',
  facts: ['COM-6', 'LOC-3', 'DEC-25'],
  lock: true,
  payload: NoPayload,
})
