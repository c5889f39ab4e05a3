import { Clients } from './clients.ts'
import type { Reviewed } from './reviewed.ts'

type Groups = ReadonlyMap<string, readonly Reviewed[]>

/** Exchanges in the order of their ids, found by what they were about. */
export class History {
  readonly exchanges: readonly Reviewed[]
  readonly all: readonly Reviewed[]
  readonly clients: Clients
  readonly #byOperation: Groups
  readonly #byLock: Groups
  readonly #byRecord: Groups
  readonly #byUpload: Groups
  readonly #byFile: Groups

  /** @param all those before and after as well, where the world was put back to another state in between */
  constructor(exchanges: readonly Reviewed[], all = exchanges) {
    this.exchanges = exchanges
    this.all = all
    this.clients = new Clients(exchanges)
    this.#byOperation = grouped(exchanges, ({ operation }) => operation)
    this.#byLock = grouped(exchanges, ({ lockId }) => lockId)
    this.#byRecord = grouped(exchanges, ({ facts }) => facts.sent.recordId)
    this.#byUpload = grouped(exchanges, ({ facts }) => facts.sent.uploadId)
    this.#byFile = grouped(exchanges, ({ facts }) => facts.sent.fileId)
  }

  /** Those of these operations, in the order of their ids. */
  of(...operations: string[]): readonly Reviewed[] {
    const found = operations.flatMap((operation) => this.#byOperation.get(operation) ?? [])
    return operations.length > 1 ? found.sort((one, other) => one.id - other.id) : found
  }

  /** Those that showed this lock. */
  withLock(lockId: string): readonly Reviewed[] {
    return this.#byLock.get(lockId) ?? []
  }

  /** Those that named this record. */
  ofRecord(recordId: string): readonly Reviewed[] {
    return this.#byRecord.get(recordId) ?? []
  }

  /** The parts of this upload. */
  ofUpload(uploadId: string): readonly Reviewed[] {
    return this.#byUpload.get(uploadId) ?? []
  }

  /** Those that named this file. */
  ofFile(fileId: string): readonly Reviewed[] {
    return this.#byFile.get(fileId) ?? []
  }
}

/** Things by a key each, in their order; those without one are left out. */
export function grouped(
  exchanges: readonly Reviewed[],
  keyOf: (exchange: Reviewed) => string | null | undefined,
): Map<string, Reviewed[]> {
  const groups = new Map<string, Reviewed[]>()
  for (const exchange of exchanges) {
    const key = keyOf(exchange)
    if (typeof key !== 'string') continue
    const group = groups.get(key)
    if (group) group.push(exchange)
    else groups.set(key, [exchange])
  }
  return groups
}
