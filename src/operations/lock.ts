import type { Contracts } from '../../schemas/index.ts'
import { lockMillis } from '../../schemas/lock-lifetime.ts'
import { refuse } from '../errors.ts'
import type { Lock } from '../store/locks.ts'
import type { World } from '../world/world.ts'
import type { Rule } from './rule.ts'

/** LOC-1, DEC-25: one live lock of a user and module. */
export const createBackupLock: Rule<Contracts['createBackupLock']> = (world, { userId, body: { moduleCode }, now }) => {
  const { locks } = world.store
  const expiry = locks.expiryOf(userId, moduleCode)
  if (expiry !== undefined && expiry > now) {
    throw refuse(
      'lockHeld',
      "body/moduleCode: this module's lock is held; release it or let its ten minutes pass [DEC-25]",
    )
  }
  const lockId = `${world.random.uuid((drawn) => locks.has(`${drawn}@${moduleCode}`))}@${moduleCode}`
  locks.put(userId, moduleCode, lockId, now + lockMillis)
  return { data: { lockId } }
}

/** LOC-2. */
export const renewalBackupLock: Rule<Contracts['renewalBackupLock']> = (world, request) => {
  liveLock(world, request)
  world.store.locks.renew(request.lockId, request.now + lockMillis)
  return {}
}

/** LOC-3. */
export const releaseBackupLock: Rule<Contracts['releaseBackupLock']> = (world, request) => {
  liveLock(world, request)
  world.store.locks.remove(request.lockId)
  return {}
}

interface Holder {
  readonly userId: string
  readonly lockId: string
  readonly now: number
}

/**
 * The lock that a request holds; expiry is judged here, when somebody asks, never by a timer.
 *
 * @throws Refusal `lockNotHeld` where it is unknown, expired, released or another user's (DEC-25)
 */
export function liveLock(world: World, { userId, lockId, now }: Holder): Lock {
  const lock = world.store.locks.find(userId, lockId)
  if (lock === undefined) {
    throw refuse(
      'lockNotHeld',
      'x-backup-lock-id: this user has no such lock; it may have been released, or have expired and been followed by another [DEC-25]',
    )
  }
  if (lock.expiresMillis <= now) {
    throw refuse('lockNotHeld', 'x-backup-lock-id: the lock has expired; renew it before ten minutes pass [DEC-25]')
  }
  return lock
}

/**
 * DEC-26: the lock that was shown must be the one of the module that is written to.
 *
 * @throws Refusal `lockNotHeld`
 */
export function requireModule(lock: Lock, moduleCode: string): void {
  if (lock.moduleCode === moduleCode) return
  throw refuse('lockNotHeld', 'x-backup-lock-id: the lock is of another module than the record [DEC-26]')
}
