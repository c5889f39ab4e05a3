import type { Change } from '../../schemas/change.ts'
import type {
  AppRequest,
  ClockRequest,
  ClockView,
  TokenRequest,
  TokenView,
  WorldRequest,
  WorldView,
} from '../../schemas/control.ts'
import type { FaultChange, FaultMatch, FaultRequest } from '../../schemas/control-faults.ts'
import type { CoverageView } from '../../schemas/coverage.ts'
import type { ExplainRequest, Explanation, ReplayRequest } from '../../schemas/explain.ts'
import type { Archive } from '../../schemas/har.ts'
import type { ExchangeShown, Summary } from '../../schemas/journal.ts'
import type { Seed } from '../../schemas/seed.ts'
import type { Search } from '../journal/search.ts'
import type { WholeEntryView } from '../journal/view.ts'
import type { Finding } from '../review/finding.ts'
import type { definitions, SettingName } from '../settings/settings.ts'
import type { Fault, FaultEffect } from '../world/fault.ts'

/** The flags of the command line in camelCase; `scopesPerModule: 5`, `cors: '*'`. */
export type EmulatorOptions = {
  readonly [Name in SettingName]?: OptionOf<ReturnType<(typeof definitions)[Name]['parse']>>
}

/** What may be said of a setting: its words, a number as such or as text, and whatever else as text. */
type OptionOf<Value> = [Value] extends [string] ? Value : [Value] extends [number] ? number | string : string

export interface Emulator {
  /** The base address, without the API's base path: `http://127.0.0.1:40123`. */
  readonly url: string
  /**
   * A world of this emulator, made if it is not there.
   *
   * @param settings start it anew with these
   */
  world(name: string, settings?: WorldRequest): WorldHandle
  /**
   * Closes the port and cuts every connection, as a restart looks from outside; what is stored stays.
   *
   * @param ms how long nothing listens, from 1 to 3,600,000
   * @returns resolves once it listens again, at the same address
   * @throws Problem 400, StartupError where the port is no longer free
   */
  down(ms: number): Promise<void>
  /** Those that there are now. */
  worlds(): WorldHandle[]
  /** Tells of every world that is begun from now on, or begun anew, before anybody uses it; returns what ends that. */
  onWorldBegin(listener: (world: WorldHandle) => void): () => void
  /** Tells of every world that is dropped or begun anew, before it is gone; returns what ends that. */
  onWorldEnd(listener: (world: PastWorld) => void): () => void
  /** What of the contract was met in all worlds, those that are no more included. */
  coverage(): CoverageView
  forgetCoverage(): void
  /** Stops accepting, lets what is in flight finish, then closes the database; rejects where worlds could not be parked. */
  close(): Promise<void>
}

/** What can be asked of a world at its end: what was done in it. */
export interface PastWorld {
  readonly name: string
  /** How many entries the journal no longer keeps because others came. */
  readonly dropped: number
  /** What a reviewer of the client would say. */
  review(): Finding[]
  /** What of the contract was met, and what never was. */
  coverage(): CoverageView
  /** The journal as an HTTP archive (HAR 1.2). */
  har(): Archive
}

/** The clocks of a world (DEC-30). */
export interface ClockHandle {
  read(): ClockView
  /** @param duration ISO 8601, such as `PT10M` */
  advance(duration: string): ClockView
  /** @param change an instant to be shown, or any of `frozen`, `now`, `advance`, `skew`, `signing` */
  set(change: string | ClockRequest): ClockView
}

/**
 * One world, driven from the same process; what the control plane does over HTTP. Every mistake is thrown as a `Problem`, and
 * so is a world that is no longer there: what only reads or takes away never makes it. What is handed in is copied, and what
 * is undefined in it is not given.
 */
export interface WorldHandle extends PastWorld {
  /** The base address for a client of this world. */
  readonly url: string
  readonly clock: ClockHandle
  view(): WorldView
  /** Keeps the settings and drops everything else. */
  reset(): void
  /** Everything in it, in the seed's format, credentials left out. */
  state(): Seed
  importState(document: Seed): void
  /**
   * Everything that it is, as a file: to be kept, and to be adopted elsewhere.
   *
   * @param options `secrets: 'include'` leaves tokens and apps in it
   */
  archive(options?: { readonly secrets?: 'include' }): Buffer
  /** Puts an archived world in its place. */
  adopt(archive: Uint8Array): void
  snapshot(label: string): void
  restore(label: string): void
  /** The only time that a token is shown. */
  issueToken(request: TokenRequest): TokenView
  /** Makes a token expire now. @throws Problem 404 for one that was never issued */
  expireToken(token: string): void
  registerApp(app: AppRequest): void
  /** Whether a request would be accepted, and if not, why. */
  explain(question: ExplainRequest): Promise<Explanation>
  readonly faults: FaultsHandle
  /** The journal's entries that fit, oldest first. */
  requests(search?: Search): WholeEntryView[]
  /** Tells of every exchange from now on, once it is over, in whichever world bears the name; returns what ends that. */
  onRequest(listener: (entry: WholeEntryView) => void): () => void
  forgetRequests(): void
  /** The same as an HTTP archive (HAR 1.2). */
  har(search?: Search): Archive
  forgetCoverage(): void
  /** An entry of the journal with all that is known of it. */
  exchange(id: number): ExchangeShown
  /** What a request changed; `null` where nobody noted it, for which the world is begun with `changes: true`. */
  changes(id: number): Change[] | null
  /**
   * What became of a state to be another: `now`, the label of a snapshot, or `request:8` for the state before that request.
   *
   * @param to now unless told otherwise
   */
  diff(from: string, to?: string): Change[]
  /** Sends a request of the journal once more, its credential put in by the emulator; answers the new entry. */
  replay(id: number, change?: ReplayRequest): Promise<Summary>
  delete(): void
}

/** What goes wrong in a world on purpose. */
export interface FaultsHandle {
  add(fault: FaultRequest & { effect: FaultEffect }): Fault
  list(): Fault[]
  /** Lets one pause or go on, or puts it in another place of the order in which they are tried. */
  change(id: string, change: FaultChange): Fault
  /** Which requests of the journal a fault would have met, which is not made. */
  match(fault: FaultRequest & { effect: FaultEffect }): FaultMatch['would']
  /** Says whether there was one. */
  remove(id: string): boolean
  clear(): void
}
