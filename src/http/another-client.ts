import { basePath, familyPath } from '../../schemas/common.ts'
import type { Refusal } from '../errors.ts'
import { isRefusal } from '../errors.ts'
import type { World } from '../world/world.ts'
import { xDate } from './headers.ts'
import type { BoundOperation, ReadRequest } from './operation.ts'
import { RequestTarget } from './request-target.ts'
import type { Route } from './route.ts'
import { routeOf, uploadPath } from './route.ts'
import { withoutPrefix } from './world-name.ts'

/** A request that nobody sent. */
export interface Unsent {
  readonly method: string
  /** Path and query, below the base path of an operation or whole. */
  readonly path: string
  readonly userId: string
  /** Of its lock, where it has one. */
  readonly lockId: string | undefined
  /** JSON; `undefined` for none. */
  readonly body: unknown
}

/**
 * Does in a world what a request asks for, by the same checks and rules as if a client with good credentials had sent it,
 * and at once; nothing that acts on the world or looks at it notices, but what it changes is noted.
 *
 * @returns what refused it
 */
export type AnotherClient = (world: World, request: Unsent) => Refusal | null

/** Where a path leads that stands below the base path of an operation, or is whole; otherwise why it leads nowhere. */
export function unsentRoute(method: string, path: string): { readonly route: Route; readonly target: RequestTarget } {
  const read = (base: string) => {
    const target = new RequestTarget(base + path)
    return { target, route: routeOf(method, target.segments, target) }
  }
  const isFound = ({ route }: ReturnType<typeof read>) => route.kind === 'operation'
  return ['', familyPath].map(read).find(isFound) ?? read(basePath)
}

/** The path of a request without what names its world, and its query. */
export const pathWithin = (target: RequestTarget): string =>
  `/${target.written.slice(-withoutPrefix(target).length).join('/')}${target.query && `?${target.query}`}`

export function anotherClientOf(operations: readonly BoundOperation[]): AnotherClient {
  const byId = new Map(operations.map((operation) => [operation.contract.id, operation]))
  return (world, unsent) => {
    const { route, target } = unsentRoute(unsent.method, unsent.path)
    const operation = byId.get(String(route.id))
    if (operation === undefined) return route.refusal
    const stage = world.trial({ auth: 'any', notes: world.notes })
    try {
      const outcome = operation.perform(stage, readOf(stage, unsent, route, target), { check: null, part: null })
      return isRefusal(outcome) ? outcome : null
    } catch (thrown) {
      /* c8 ignore next -- what rules throw is a refusal; all else is a failure of the emulator's own */
      if (!isRefusal(thrown)) throw thrown
      return thrown
    }
  }
}

/** The request as it would have been read, from one who is known and whose clock is right. */
function readOf({ clock }: World, unsent: Unsent, { params }: Route, target: RequestTarget): ReadRequest {
  const { method, userId, lockId } = unsent
  const headers = {
    authorization: 'Bearer another-client',
    'x-user-id': userId,
    'x-date': xDate(clock.signingNow()),
    ...(lockId === undefined ? {} : { 'x-backup-lock-id': lockId }),
  }
  const bodyText = JSON.stringify(unsent.body) ?? ''
  const body: unknown = bodyText === '' ? undefined : JSON.parse(bodyText)
  const partAddress = (uploadId: string, part: number) => `http://localhost${uploadPath}/${uploadId}/${part}`
  return { method, target, headers, rawHeaders: Object.entries(headers).flat(), params, body, bodyText, partAddress }
}
