import { basePath } from '../../schemas/common.ts'
import type { AdvisedCall } from '../../schemas/explain.ts'
import { RequestTarget } from '../http/request-target.ts'
import { prefixIn } from '../http/world-name.ts'
import type { WrittenRequest } from '../http/written-request.ts'
import { bodyBytes, ofTheCaller } from '../http/written-request.ts'
import type { Remedy } from './remedy.ts'

type Call = Remedy & { kind: 'call' }

/** The call as the client of a request would make it, in the world that its target names. */
export function requestFor(
  { headers, path: asked }: WrittenRequest,
  { method, path, body, lockId }: Call,
): WrittenRequest {
  const own = ofTheCaller(headers)
  const lock = lockId === undefined ? [] : [['x-backup-lock-id', lockId] as const]
  return {
    method,
    path: path.startsWith('!') ? path.slice(1) : `${prefixIn(new RequestTarget(asked))}${basePath}${path}`,
    headers: [...own, ...lock],
    body: bodyBytes(body),
  }
}

/** The same as it is told: the headers of a client go without saying. */
export function shownCall(
  { method, path }: WrittenRequest,
  { body, lockId, gives }: Call,
  given: ReadonlyMap<unknown, string>,
): AdvisedCall {
  const lock = given.get(lockId) ?? lockId
  const headers: Record<string, string> = lock === undefined ? {} : { 'x-backup-lock-id': lock }
  return {
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(gives?.from === undefined ? {} : { gives: { name: gives.name, from: gives.from } }),
  }
}
