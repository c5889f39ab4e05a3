import type { Summary } from '../../schemas/journal.ts'
import { lockLife } from './clocks.ts'

/** A lock from when it was taken until it was released or ended, by the state clock, in Unix milliseconds. */
export interface HeldLock {
  readonly userId: string
  readonly moduleCode: string
  readonly lockId: string
  /** When it was taken and renewed, and by which exchanges; the first took it, or is the first that shows it held. */
  readonly begun: readonly { readonly at: number; readonly by: number }[]
  /** When it ended, or will. */
  readonly end: number
  /**
   * Why it is over whatever the clock shows: it was released, or the world was put back to another state, which undid it or
   * came after its end; otherwise `null`.
   */
  readonly over: 'released' | 'undone' | 'expired' | null
}

/**
 * All locks that exchanges show to have been held, in the order in which they do. What was held when the world was put back
 * is undone; if it is held in the other state as well, the next exchange that renews it shows so.
 *
 * @param restorations the newest exchange at each time when the world was put back to another state
 */
export function locksIn(exchanges: readonly Summary[], restorations: readonly number[]): HeldLock[] {
  let locks: readonly HeldLock[] = []
  let last = 0
  const bounds = [...restorations, Number.POSITIVE_INFINITY]
  for (const exchange of exchanges) {
    while (exchange.id > Number(bounds[0])) {
      locks = locks.map((lock) => undone(lock, last))
      bounds.shift()
    }
    last = Date.parse(exchange.time)
    if (exchange.worked) locks = after(locks, exchange)
  }
  return locks.map((lock) => (bounds.length > 1 ? undone(lock, last) : lock))
}

/** @param last what the state clock showed when the world was last seen before it was put back */
function undone(lock: HeldLock, last: number): HeldLock {
  if (lock.over !== null) return lock
  return lock.end <= last ? { ...lock, over: 'expired' } : { ...lock, end: last, over: 'undone' }
}

/** What an exchange that did its work made of the locks. */
function after(locks: readonly HeldLock[], exchange: Summary): readonly HeldLock[] {
  const { operation, id } = exchange
  const at = Date.parse(exchange.time)
  if (operation === 'createBackupLock') return [...locks, begun(exchange, exchange.given['lockId'] ?? '')]
  const lockId = exchange.lockId ?? ''
  const index = locks.findLastIndex((lock) => lock.lockId === lockId && lock.over === null)
  const held = locks[index]
  if (operation === 'renewalBackupLock') {
    if (!held) return [...locks, begun(exchange, lockId)]
    return locks.with(index, { ...held, begun: [...held.begun, { at, by: id }], end: at + lockLife })
  }
  return held && operation === 'releaseBackupLock' ? locks.with(index, { ...held, end: at, over: 'released' }) : locks
}

function begun({ id, time, userId, sent }: Summary, lockId: string): HeldLock {
  const at = Date.parse(time)
  return {
    userId: userId ?? '',
    moduleCode: sent['moduleCode'] ?? lockId.slice(lockId.indexOf('@') + 1),
    lockId,
    begun: [{ at, by: id }],
    end: at + lockLife,
    over: null,
  }
}
