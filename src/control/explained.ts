import type { ExplainRequest, Explanation, RequestChange } from '../../schemas/explain.ts'
import { Adviser } from '../advice/advice.ts'
import { credited } from '../http/credential.ts'
import { RequestTarget } from '../http/request-target.ts'
import { askedWorld } from '../http/world-name.ts'
import type { WrittenRequest } from '../http/written-request.ts'
import { bodyBytes, headerPairs, sentHeaders } from '../http/written-request.ts'
import type { Entry } from '../journal/entry.ts'
import type { World } from '../world/world.ts'
import { requireShallow } from './depth.ts'
import { entryOf } from './exchange-view.ts'
import { datedAnew, isMisdated, journalledRequest, sentFirst } from './journalled-request.ts'
import type { ControlPlane } from './plane.ts'
import { Problem } from './problem.ts'

/** What a request needs that is written out. */
const needed = ['method', 'path', 'headers'] as const

/** A request is written out or one of the journal, not both. @throws Problem 400 */
export function requireWritten(asked: ExplainRequest): void {
  requireShallow(asked.body, 'body/body')
  if (asked.request === undefined) {
    const missing = needed.find((name) => asked[name] === undefined)
    if (missing) throw new Problem(400, `body/${missing} is missing; expected method, path and headers, or request`)
    if (asked.change) throw new Problem(400, 'body/change needs body/request, the id of the entry that it is to change')
    return
  }
  const other = [...needed, 'body' as const].find((name) => asked[name] !== undefined)
  if (other) throw new Problem(400, `body/${other} does not go with body/request; put it into body/change`)
}

/** Whether a request would be accepted in a world, and if not, why, and what would be. @throws Problem 404, 409 */
export async function explained(
  world: World,
  plane: ControlPlane,
  asked: ExplainRequest,
  now: number | undefined,
): Promise<Explanation> {
  const entry = asked.request === undefined ? undefined : entryOf(world, asked.request)
  const written = entry ? againFrom(entry, asked.change, now ?? world.clock.signingNow()) : writtenRequest(asked)
  const first = entry ? sentFirst(entry) : { request: written, isBelieved: false }
  const judging = judgeOf(world, plane, written)
  const { request, release } = credited(judging ?? world, written, first)
  for (const one of [world, judging]) one?.retain()
  try {
    const tried = await plane.explain({ world: world.name, request, now })
    if (asked.advice !== true) return tried.explanation
    const isHelped = judging !== undefined && !tried.explanation.accepted
    const advice = isHelped ? await new Adviser(plane.explain, judging).waysOf(request, tried, now) : []
    return { ...tried.explanation, advice }
  } finally {
    for (const one of [world, judging]) one?.release()
    release()
  }
}

/** The world that is asked, unless the request names another; in one that does not exist, nothing can be tried. */
function judgeOf(world: World, { worlds }: ControlPlane, request: WrittenRequest): World | undefined {
  const name = askedWorld(new RequestTarget(request.path), sentHeaders(request), world.name)
  return typeof name === 'string' ? worlds.find(name) : world
}

const writtenRequest = ({ method = '', path = '', headers = {}, body }: ExplainRequest): WrittenRequest => ({
  method,
  path,
  headers: headerPairs(headers),
  body: bodyBytes(body),
})

/** As it was, and dated anew; a date that was wrong when it came, or is given, stays. */
function againFrom(entry: Entry, change: RequestChange = {}, signingNow: number): WrittenRequest {
  const isGiven = Object.keys(change.headers ?? {}).some((name) => /^x-date$/i.test(name))
  const request = journalledRequest(entry, change, 'body/change')
  return isGiven || isMisdated(entry) ? request : datedAnew(request, signingNow)
}
