import { Type } from '@sinclair/typebox'
import type { ErrorKey } from '../../src/errors.ts'
import { accepted, expectForm, refused, refusedAs } from '../expect.ts'
import { Unobservable } from '../failures.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'

/** Requests, each under words that say what it is. */
type Cases = Readonly<Record<string, () => Promise<Answer>>>

/** @throws Departure for the first request that is not accepted */
export async function acceptEach(cases: Cases): Promise<void> {
  for (const [what, ask] of Object.entries(cases)) accepted(await ask(), what)
}

/** @throws Departure for the first request that is not refused */
export async function refuseEach(cases: Cases): Promise<void> {
  for (const [what, ask] of Object.entries(cases)) refused(await ask(), what)
}

/** @throws Departure for the first request that is not refused just so */
export async function refuseEachAs(key: ErrorKey, cases: Cases): Promise<void> {
  for (const [what, ask] of Object.entries(cases)) refusedAs(key, await ask(), what)
}

/** @throws Unobservable where an app signs: a signature covers the very headers that are to be wrong */
export function tokenOf({ target: { credentials } }: Workbench): string {
  if ('token' in credentials) return credentials.token
  throw new Unobservable('it takes an access token to show this')
}

const Devices = Type.Object({ data: Type.Array(Type.Object({ deviceId: Type.String() })) })

/** A device that the user has already, for requests that change nothing. @throws Unobservable where there is none */
export async function someDevice({ call }: Workbench): Promise<string> {
  const answer = await call('listBoundDevice')
  accepted(answer, 'listing devices')
  const [first] = expectForm(Devices, answer.json).data
  if (first) return first.deviceId
  throw new Unobservable('the user has no device')
}

/** A text of so many characters that begins with a word, and goes on with underscores. */
export const padded = (word: string, length: number): string => word.padEnd(length, '_')
