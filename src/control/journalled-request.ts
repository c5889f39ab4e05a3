import type { AdvisedCall, ReplayRequest, RequestChange } from '../../schemas/explain.ts'
import { uploadPart } from '../../schemas/index.ts'
import { checksOf } from '../http/check.ts'
import type { SentFirst } from '../http/credential.ts'
import { dateMistake, xDate } from '../http/headers.ts'
import type { WrittenRequest } from '../http/written-request.ts'
import { bodyBytes, ofTheCaller, sentHeaders, withHeader } from '../http/written-request.ts'
import type { Entry } from '../journal/entry.ts'
import { hasWorked } from '../journal/outcome.ts'
import { factsIn, headerIn } from '../journal/reading.ts'
import type { World } from '../world/world.ts'
import { requireShallow } from './depth.ts'
import { Problem } from './problem.ts'

/** What says how a request was framed, or holds for its connection alone: made anew. */
const ofTheWire = ['content-length', 'transfer-encoding', 'connection', 'expect', 'keep-alive', 'upgrade']

/** How secrets that stood elsewhere than in headers are shown. */
const hidden = /sha256:[0-9a-f]{12}(?![0-9a-f])/

/**
 * A request of a journal as it can be sent once more, its credential still hidden.
 *
 * @param place where the change stands in what is asked for, such as `body/change`
 * @throws Problem 400 for a header that cannot be sent, 409 where not all of the request is kept
 */
export function journalledRequest(entry: Entry, change: RequestChange, place: string): WrittenRequest {
  const { id, method, path, operation, requestHeaders } = entry
  if (method === '') throw new Problem(409, `the request ${id} could not be read: nothing of it is kept`)
  if (operation === uploadPart)
    throw new Problem(409, `the request ${id} brought a part of an upload, whose bytes are not kept`)
  requireShallow(change.body, `${place}/body`)
  const asked = {
    method: change.method ?? method,
    path: change.path ?? kept(path, `the path of the request ${id}`, `${place}/path`),
    body: change.body === undefined ? keptBody(entry, `${place}/body`) : bodyBytes(change.body),
  }
  const headers = pairsOf(requestHeaders).filter(([name]) => !ofTheWire.includes(name.toLowerCase()))
  return withHeaders({ ...asked, headers }, change.headers, `${place}/headers`)
}

const pairsOf = (lines: readonly string[]): (readonly [name: string, value: string])[] =>
  lines.flatMap((name, place) => (place % 2 === 0 ? [[name, String(lines[place + 1])] as const] : []))

/** An entry as it was sent, as far as that is kept. */
export function sentFirst(entry: Entry): SentFirst {
  const { method, path, requestHeaders, requestBody, check } = entry
  const { text, cut, isBinary } = requestBody
  const body = Buffer.from(text, isBinary ? 'base64' : 'utf8')
  const isUnknown = check !== 'Authorization' && (cut !== undefined || hidden.test(path + text))
  const isBelieved = isUnknown || passedIn(entry, 'Authorization') === true
  return { request: { method, path, headers: pairsOf(requestHeaders), body }, isBelieved }
}

/** Whether the date of an entry was wrong when it came. */
export function isMisdated(entry: Entry): boolean {
  const { requestHeaders: rawHeaders, signingTime } = entry
  const headers = sentHeaders({ headers: pairsOf(rawHeaders) })
  return !(passedIn(entry, 'X-Date') ?? dateMistake({ headers, rawHeaders }, signingTime) === undefined)
}

/** Whether an entry passed a check; nothing where it never came so far. */
const passedIn = (entry: Entry, name: string): boolean | null | undefined =>
  checksOf({ ...entry, worked: hasWorked(entry) }).find(({ check }) => check === name)?.passed

/** @throws Problem 400 for a header that cannot be sent */
const withHeaders = (request: WrittenRequest, headers: RequestChange['headers'] = {}, place: string): WrittenRequest =>
  Object.entries(headers).reduce(
    (now, [name, value]) => withHeader(now, sendable(name, place), valuesOf(value, `${place}/${name}`)),
    request,
  )

function kept(text: string, what: string, place: string): string {
  if (hidden.test(text)) throw new Problem(409, `${what} held a secret, which is not kept; give another in ${place}`)
  return text
}

function keptBody({ id, requestBody: { text, cut, isBinary } }: Entry, place: string): Buffer {
  if (cut)
    throw new Problem(409, `only the beginning of the body of the request ${id} is kept; give another in ${place}`)
  return Buffer.from(kept(text, `the body of the request ${id}`, place), isBinary ? 'base64' : 'utf8')
}

function sendable(name: string, place: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    throw new Problem(
      400,
      `${place} has ${JSON.stringify(name)}, which no header is called; expected letters, digits and -`,
    )
  if (ofTheWire.includes(name.toLowerCase()))
    throw new Problem(400, `${place}/${name} follows from what is sent and how; leave it out`)
  return name
}

function valuesOf(value: string | readonly string[] | null, place: string): readonly string[] {
  const values = value === null ? [] : [value].flat()
  if (values.every((one) => /^[\t\x20-\x7e\x80-\uffff]*$/.test(one))) return values
  throw new Problem(400, `${place} has a control character, which no header may have; expected text of one line`)
}

/** The request with the date of an instant in Unix milliseconds, where it has one. */
export const datedAnew = (request: WrittenRequest, signingNow: number): WrittenRequest =>
  sentHeaders(request)['x-date'] === undefined ? request : withHeader(request, 'X-Date', [xDate(signingNow)])

/**
 * A call of the client that sent a request of a journal, at its address.
 *
 * @param place where the call stands in what is asked for, such as `body/first/0`
 * @throws Problem 400 for one that cannot be sent
 */
export function callBeside(
  world: World,
  entry: Entry,
  { method, path, headers, body }: AdvisedCall,
  place: string,
): WrittenRequest {
  requireShallow(body, `${place}/body`)
  const own = ofTheCaller(journalledRequest(entry, { path, body: '' }, place).headers)
  return datedAnew(
    withHeaders({ method, path, headers: own, body: bodyBytes(body) }, headers, `${place}/headers`),
    world.clock.signingNow(),
  )
}

/** The same as a replay has it, dated and with a lock as it asks for. @throws Problem 409 where no such lock lives */
export function replayedRequest(world: World, entry: Entry, asked: ReplayRequest): WrittenRequest {
  const { date = 'now', lock = 'same', ...change } = asked
  const own = new Set(Object.keys(change.headers ?? {}).map((name) => name.toLowerCase()))
  const request = journalledRequest(entry, change, 'body')
  const dated = date === 'now' && !own.has('x-date') ? datedAnew(request, world.clock.signingNow()) : request
  return lock === 'current' && !own.has('x-backup-lock-id')
    ? withHeader(dated, 'x-backup-lock-id', [currentLock(world, entry)])
    : dated
}

function currentLock(world: World, entry: Entry): string {
  const userId = String(headerIn(entry.requestHeaders, 'x-user-id'))
  const live = world.store.locks.list(userId).filter(({ expiresMillis }) => expiresMillis > world.clock.stateNow())
  const moduleCode = moduleOf(world, entry, userId)
  const found = live.find((lock) => lock.moduleCode === moduleCode) ?? (live.length === 1 ? live[0] : undefined)
  if (found) return found.lockId
  throw new Problem(
    409,
    `no lock of ${moduleCode === undefined ? 'the request' : `module ${moduleCode}`} lives now; create one first`,
  )
}

/** As the request says, or what it is about: its record, or the lock that it showed. */
function moduleOf({ store }: World, entry: Entry, userId: string): string | undefined {
  const { moduleCode, recordId } = factsIn(entry).sent
  if (moduleCode !== undefined) return moduleCode
  const record = recordId === undefined ? undefined : store.records.find(userId, recordId)
  return record?.moduleCode ?? /@(\d+)$/.exec(String(headerIn(entry.requestHeaders, 'x-backup-lock-id')))?.[1]
}
