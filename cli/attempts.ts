import { Unwritten } from '../src/process/unwritten.ts'

/** Writes what can be written: what cannot is told, and takes nothing else with it. */
export class Attempts {
  readonly #complain: (sentence: string) => void
  #hasFailed = false

  constructor(complain: (sentence: string) => void) {
    this.#complain = complain
  }

  /** Whether anything could not be written. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** @param otherwise what comes of it where it cannot be written */
  write<Result>(work: () => Result, otherwise: Result): Result {
    try {
      return work()
    } catch (error) {
      return this.#tell(error, otherwise)
    }
  }

  /** The same of what takes a while. */
  async writeSoon<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
    return work().catch((error: unknown) => this.#tell(error, otherwise))
  }

  #tell<Result>(error: unknown, otherwise: Result): Result {
    if (!(error instanceof Unwritten)) throw error
    this.#hasFailed = true
    this.#complain(error.message)
    return otherwise
  }
}
