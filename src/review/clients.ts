import type { Reviewed } from './reviewed.ts'

/** When a connection began and was last used, by ids of exchanges. */
interface Connection {
  readonly begunAfter: number
  lastBegunAfter: number
  count: number
}

/**
 * Who made an exchange. Nothing in a request says so, and several clients may act for one user on one device. What can be
 * known is which connection was used, which lock was shown, and what was over when something began. In doubt it is two.
 */
export class Clients {
  readonly #connections = new Map<number, Connection>()
  /** The two that began last. */
  #latest: readonly { readonly connection: number; readonly begunAfter: number }[] = []

  /** @param exchanges in the order of their ids */
  constructor(exchanges: readonly Reviewed[]) {
    for (const { connection, begunAfter } of exchanges) if (connection !== null) this.#note(connection, begunAfter)
    this.#latest = [...this.#connections]
      .map(([connection, { begunAfter }]) => ({ connection, begunAfter }))
      .sort((one, other) => other.begunAfter - one.begunAfter)
      .slice(0, 2)
  }

  /** Whether an exchange was begun by the client of an earlier one, after that was over: as an answer to it. */
  goesOn(earlier: Reviewed, later: Reviewed): boolean {
    if (later.begunAfter < earlier.id || later.userId !== earlier.userId) return false
    if (later.lockId !== null && later.lockId === earlier.lockId) return true
    if (later.connection === null || earlier.connection === null) return true
    return later.connection === earlier.connection || this.#isReconnected(earlier, later)
  }

  /** Whether the client may have lost or closed its connection and made another: nobody else can have made that. */
  #isReconnected(earlier: Reviewed, later: Reviewed): boolean {
    const left = this.#connections.get(Number(earlier.connection))
    const made = this.#connections.get(Number(later.connection))
    if (!left || !made || left.lastBegunAfter >= earlier.id || made.begunAfter < earlier.id) return false
    const another = this.#latest.find(({ connection }) => connection !== later.connection)
    return made.count === 1 || another === undefined || another.begunAfter < earlier.id
  }

  #note(connection: number, begunAfter: number): void {
    const known = this.#connections.get(connection)
    if (known === undefined) {
      this.#connections.set(connection, { begunAfter, lastBegunAfter: begunAfter, count: 1 })
      return
    }
    known.lastBegunAfter = Math.max(known.lastBegunAfter, begunAfter)
    known.count += 1
  }
}

/** Exchanges that wait for what their client does next, by what they were about. */
export class Awaited {
  readonly #clients: Clients
  readonly #waiting = new Map<string, Reviewed>()

  constructor(clients: Clients) {
    this.#clients = clients
  }

  put(key: string, exchange: Reviewed): void {
    this.#waiting.set(key, exchange)
    this.#waiting.set(`${exchange.connection} ${key}`, exchange)
  }

  /** The newest exchange about the same that the client of this one goes on from; it waits no longer. */
  take(key: string, later: Reviewed): Reviewed | undefined {
    const found = [`${later.connection} ${key}`, key].map((one) => this.#waiting.get(one))
    const earlier = found.find((one) => one !== undefined && this.#clients.goesOn(one, later))
    if (earlier) this.#forget(key, earlier)
    return earlier
  }

  #forget(key: string, exchange: Reviewed): void {
    for (const one of [`${exchange.connection} ${key}`, key])
      if (this.#waiting.get(one) === exchange) this.#waiting.delete(one)
  }
}
