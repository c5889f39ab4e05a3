import { isoInstant } from '../store/snowflake.ts'
import type { World } from './world.ts'
import { commit } from './world.ts'

/** COM-14: how long a token lives that is issued without a word on that. */
const usualLifetimeMillis = 20 * 60 * 1000

export interface IssuedToken {
  readonly token: string
  readonly userId: string
  /** `null` for one that does not expire. */
  readonly expiresAt: string | null
}

/**
 * Issues a token to a user; the only time that it is shown.
 *
 * @param token one of the caller's choice, otherwise one from the world's generator
 * @param lifetimeMillis `null` for ever
 */
export function issueToken(world: World, userId: string, token?: string, lifetimeMillis?: number | null): IssuedToken {
  const lifetime = lifetimeMillis === undefined ? usualLifetimeMillis : lifetimeMillis
  const expiresMillis = lifetime === null ? null : world.clock.stateNow() + lifetime
  return commit(world, () => {
    const issued = token ?? world.random.uuid((drawn) => world.store.access.findToken(drawn) !== undefined)
    world.store.access.addToken(issued, { userId, lifetimeMillis: lifetime, expiresMillis })
    return { token: issued, userId, expiresAt: expiresMillis === null ? null : isoInstant(expiresMillis) }
  })
}

/** Makes a token expire now; says whether there was one. */
export function expireToken(world: World, token: string): boolean {
  if (world.store.access.findToken(token) === undefined) return false
  world.store.transact(() => world.store.access.renewToken(token, world.clock.stateNow()))
  return true
}

/** Registers an app, or gives a registered one another secret. */
export function registerApp(world: World, appId: string, appSecret: string): void {
  world.store.transact(() => world.store.access.addApp(appId, appSecret))
}
