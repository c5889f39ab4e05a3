import type { Entry } from '../intercept/entry.ts'
import { deviceOf } from '../intercept/search.ts'

/** Small questions that the rules of the review ask of an entry. */

/** A property of the request's body, or of the body itself where more names follow. */
export function inRequest({ requestBody }: Entry, ...names: string[]): unknown {
  return names.reduce<unknown>((value, name) => Object(value)[name], requestBody)
}

export function inAnswer({ responseBody }: Entry, ...names: string[]): unknown {
  return names.reduce<unknown>((value, name) => Object(value)[name], responseBody)
}

export const isSuccess = ({ code }: Entry): boolean => code === 0

export const isOf = (entry: Entry, ...operations: string[]): boolean =>
  entry.operation !== null && operations.includes(entry.operation)

export const userOf = ({ requestHeaders }: Entry): string | undefined => requestHeaders['x-user-id']

export const lockOf = ({ requestHeaders }: Entry): string | undefined => requestHeaders['x-backup-lock-id']

/** The record that a path names. */
export const recordOf = ({ path }: Entry): string | undefined => /\/record\/([^/?#]+)/.exec(path)?.[1]

export const queryOf = ({ path }: Entry, name: string): string | null =>
  new URL(path, 'http://emulator').searchParams.get(name)

/** Milliseconds from one instant to another. */
export const between = (from: string, to: string): number => Date.parse(to) - Date.parse(from)

/** What a scope batch is about, to tell one from another. */
export const batchOf = (entry: Entry): string =>
  JSON.stringify([userOf(entry), deviceOf(entry), inRequest(entry, 'moduleCode'), inRequest(entry, 'scopeList')])

/** Which configuration an exchange is about, its name aside. */
export const configOf = (entry: Entry): string =>
  JSON.stringify([userOf(entry), deviceOf(entry), inRequest(entry, 'moduleCode') ?? queryOf(entry, 'moduleCode')])
