import type { IncomingHttpHeaders } from 'node:http'
import { headers as schemas } from '../../schemas/common.ts'
import { refuse } from '../errors.ts'
import type { World } from '../world/world.ts'
import { compileDefect } from './validation.ts'

/** What a request says of itself, as Node parsed it. */
export interface RequestHead {
  readonly headers: IncomingHttpHeaders
  /** Names and values by turns: only here does a second `Authorization` show. */
  readonly rawHeaders: readonly string[]
}

const lockIdDefect = compileDefect(schemas['x-backup-lock-id'], 'x-backup-lock-id')

const windowMillis = 15 * 60 * 1000

const userIdDefect = compileDefect(schemas['x-user-id'], 'X-User-Id')
const dateDefect = compileDefect(schemas['x-date'], 'X-Date')

/** How often a header was sent, its name given in lower case. */
export function timesSent({ rawHeaders }: RequestHead, name: string): number {
  let times = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index]
    if (sent?.length === name.length && sent.toLowerCase() === name) times += 1
  }
  return times
}

/**
 * DEC-4: the user on whose behalf the request is made.
 *
 * @throws Refusal `invalid`
 */
export function userIdOf(head: RequestHead): string {
  const userId = head.headers['x-user-id']
  const defect = userIdDefect(userId)
  if (typeof userId === 'string' && defect === undefined) return userId
  throw refuse('invalid', repeated(head, 'X-User-Id') ?? `${defect}`)
}

/**
 * COM-6: the lock that a writing operation shows. Whether it lives is for the rule to say (DEC-26).
 *
 * @throws Refusal `invalid`
 */
export function lockIdOf(head: RequestHead): string {
  const lockId = head.headers['x-backup-lock-id']
  const defect = lockIdDefect(lockId)
  if (typeof lockId === 'string' && defect === undefined) return lockId
  throw refuse('invalid', repeated(head, 'x-backup-lock-id') ?? `${defect}`)
}

/**
 * COM-4, DEC-5: the request's time must lie within fifteen minutes before the signing clock, and not after it.
 *
 * @throws Refusal `invalid`
 */
export function checkDate(world: World, head: RequestHead): void {
  const reason = dateMistake(head, world.clock.signingNow())
  if (reason !== undefined) throw refuse('invalid', reason)
}

/** What is wrong with the `X-Date` of a request that comes at an instant in Unix milliseconds; `undefined` for nothing. */
export function dateMistake(head: RequestHead, signingNow: number): string | undefined {
  const text = head.headers['x-date']
  const defect = dateDefect(text)
  if (typeof text !== 'string' || defect !== undefined) return repeated(head, 'X-Date') ?? `${defect}`
  const sent = calendarMillis(text)
  if (sent === undefined) return 'X-Date is no instant of the calendar; expected one that exists [DEC-5]'
  return outsideWindow(sent, signingNow)
}

/**
 * DEC-9: headers of an operation, named in lower case.
 *
 * @throws Refusal `invalid` for one that was sent twice, which Node puts together
 */
export function requireOnce(head: RequestHead, names: readonly string[]): void {
  const twice = names.find((name) => timesSent(head, name) > 1)
  if (twice !== undefined) throw refuse('invalid', `header/${twice} was sent more than once; send it once [DEC-9]`)
}

const repeated = (head: RequestHead, name: string): string | undefined =>
  timesSent(head, name.toLowerCase()) > 1 ? `${name} was sent more than once; send it once [DEC-5]` : undefined

function outsideWindow(sent: number, now: number): string | undefined {
  if (sent > now) return `X-Date is ${apart(sent - now)} too late; ${expectedAt(now)}`
  const age = now - sent
  return age > windowMillis ? `X-Date is ${apart(age - windowMillis)} too early; ${expectedAt(now)}` : undefined
}

const expectedAt = (now: number): string =>
  `expected at most 15 minutes before the clock of the server, ${xDate(now)}, and not after it [COM-4 DEC-5]`

const apart = (millis: number): string => (millis < 1000 ? `${millis} ms` : `${Math.ceil(millis / 1000)} s`)

/** The form of `X-Date` for an instant in Unix milliseconds. */
export const xDate = (millis: number): string => new Date(millis).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** The text that was read last, with what it means: a client sends the same one for a second. */
let lastRead: { readonly text: string; readonly millis: number | undefined } = { text: '', millis: undefined }

/** Unix milliseconds of a text in the form of `X-Date`; `undefined` for a day or hour that does not exist. */
function calendarMillis(text: string): number | undefined {
  if (lastRead.text !== text) lastRead = { text, millis: parseDate(text) }
  return lastRead.millis
}

function parseDate(text: string): number | undefined {
  const iso = text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const millis = Date.parse(iso)
  return !Number.isNaN(millis) && xDate(millis) === text ? millis : undefined
}
