import { xDate } from '../client.ts'
import type { Hostile } from '../hostile/requests.ts'

/** The world whose seed holds the secrets. */
export const world = '/_emulator/worlds/secrets'

/** Headers of a client that has nothing to hide, its credential aside. */
export const usual = (): string[] => ['X-User-Id: secret-user', `X-Date: ${xDate()}`]

export const request = (method: string, target: string, headers: readonly string[], body?: string): Hostile => ({
  method,
  target,
  headers,
  body,
})
