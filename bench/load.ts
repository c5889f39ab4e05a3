import type { Answer } from './connection.ts'
import { Connection } from './connection.ts'

/** What one connection sends: the next request, given the answer to the one before it. */
export type Next = (before: Answer | undefined) => string

/** What to send, and which status shows that it was understood. */
export interface Workload {
  readonly status: number
  /** @param connection counted from 0 */
  readonly of: (connection: number) => Next
  /** Whether a request depends on the answer to the one before it on its connection. */
  readonly follows?: boolean
}

/** As many as autocannon opens. */
const connectionCount = 10

interface State {
  readonly next: Next
  before: Answer | undefined
}

/** What drives workloads on one server, over connections that it opens for each measurement: servers close idle ones. */
export class Load {
  readonly #url: string
  readonly #states = new Map<Workload, readonly State[]>()
  #connections: readonly Connection[] = []

  constructor(url: string) {
    this.#url = url
  }

  async open(): Promise<void> {
    this.#connections = Array.from({ length: connectionCount }, () => new Connection(this.#url))
    await Promise.all(this.#connections.map((connection) => connection.opened()))
  }

  /** Sends so many requests, each connection one after the other. Rejects at the first answer that is not as expected. */
  drive(workload: Workload, count: number): Promise<void> {
    return this.#send(workload, count, (state) => state.next(state.before))
  }

  /**
   * Makes the bytes of so many requests, as far as they do not follow from answers, so that the client has nothing else to do
   * but to send and to read.
   *
   * @returns what sends them, as `drive` does
   */
  ready(workload: Workload, count: number): () => Promise<void> {
    if (workload.follows) return () => this.drive(workload, count)
    const states = this.#statesOf(workload)
    const bytes = Array.from({ length: count }, (_, index) =>
      Buffer.from(states[index % connectionCount]?.next(undefined) ?? ''),
    )
    return () => this.#send(workload, count, (_, index) => bytes[index] ?? '')
  }

  #send(workload: Workload, count: number, request: (state: State, index: number) => string | Buffer): Promise<void> {
    const states = this.#statesOf(workload)
    let [sent, answered] = [0, 0]
    return new Promise((resolve, reject) => {
      const proceed = (connection: Connection, state: State): void => {
        if (sent === count) return
        sent += 1
        const take = (answer: Answer) => {
          state.before = answer
          if (answer.status !== workload.status) reject(new Error(`${answer.status} ${answer.body}`))
          answered += 1
          if (answered === count) resolve()
          else proceed(connection, state)
        }
        connection.send(request(state, sent - 1), take, reject)
      }
      for (const [index, state] of states.entries()) {
        const connection = this.#connections[index]
        if (connection) proceed(connection, state)
      }
    })
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  #statesOf(workload: Workload): readonly State[] {
    const known = this.#states.get(workload)
    if (known) return known
    const states = Array.from({ length: connectionCount }, (_, index) => ({
      next: workload.of(index),
      before: undefined,
    }))
    this.#states.set(workload, states)
    return states
  }
}

let isAwake = false

/**
 * Keeps this process from sleeping while work goes on. To wake a sleeping client is a part of a server's write, and a fast
 * server, whose client has no time to sleep, would not have to pay for it.
 */
export async function awake<Result>(work: () => Promise<Result>): Promise<Result> {
  isAwake = true
  const turn = () => {
    if (isAwake) setImmediate(turn)
  }
  turn()
  try {
    return await work()
  } finally {
    isAwake = false
  }
}
