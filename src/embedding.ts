import type {
  AppRequest,
  ClockRequest,
  ClockView,
  ExplainRequest,
  Explanation,
  TokenRequest,
  TokenView,
  WorldRequest,
  WorldView,
} from '../schemas/control.ts'
import type { FaultRequest } from '../schemas/faults.ts'
import type { Seed } from '../schemas/seed.ts'
import type { Entry } from './intercept/entry.ts'
import type { Search } from './intercept/search.ts'
import type { Finding } from './review/rules.ts'
import type { SettingName } from './settings.ts'
import type { Fault, FaultEffect } from './world/faults.ts'

/** The flags of the command line in camelCase; `scopesPerModule: 5`, `cors: '*'`. */
export type EmulatorOptions = { readonly [Name in SettingName]?: string | number }

export interface Emulator {
  /** The base address, without the API's base path: `http://127.0.0.1:40123`. */
  readonly url: string
  /**
   * A world of this emulator, made if it is not there.
   *
   * @param settings start it anew with these
   */
  world(name: string, settings?: WorldRequest): WorldHandle
  /** Stops accepting, lets what is in flight finish, then closes the database. */
  close(): Promise<void>
}

/** The clocks of a world (DEC-30). */
export interface ClockHandle {
  read(): ClockView
  /** @param duration ISO 8601, such as `PT10M` */
  advance(duration: string): ClockView
  /** @param change an instant to be shown, or any of `frozen`, `now`, `advance`, `skew`, `signing` */
  set(change: string | ClockRequest): ClockView
}

/** One world, driven from the same process; what the control plane does over HTTP. Every mistake is thrown as a `Problem`. */
export interface WorldHandle {
  readonly name: string
  /** The base address for a client of this world. */
  readonly url: string
  readonly clock: ClockHandle
  view(): WorldView
  /** Keeps the settings and drops everything else. */
  reset(): void
  /** Everything in it, in the seed's format, credentials left out. */
  state(): Seed
  importState(document: Seed): void
  snapshot(label: string): void
  restore(label: string): void
  /** The only time that a token is shown. */
  issueToken(request: TokenRequest): TokenView
  registerApp(app: AppRequest): void
  /** Whether a request would be accepted, and if not, why. */
  explain(question: ExplainRequest): Explanation
  readonly faults: FaultsHandle
  /** The journal's entries that fit, oldest first. */
  requests(search?: Search): Entry[]
  forgetRequests(): void
  /** The same as an HTTP archive (HAR 1.2). */
  har(search?: Search): object
  /** What a reviewer of the client would say. */
  review(): Finding[]
  delete(): void
}

/** What goes wrong in a world on purpose. */
export interface FaultsHandle {
  add(fault: FaultRequest & { effect: FaultEffect }): Fault
  list(): Fault[]
  /** Says whether there was one. */
  remove(id: string): boolean
  clear(): void
}
