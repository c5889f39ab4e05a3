import type { IncomingMessage } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { CheckName, ContractPart } from '../../schemas/checks.ts'
import { controlPath } from '../../schemas/control.ts'
import { uploadPart } from '../../schemas/index.ts'
import type { Refusal } from '../errors.ts'
import type { StoreErrorCode } from '../uploads/store-errors.ts'
import type { DoneWork } from '../world/change-notes.ts'
import type { Fault, FaultEffect } from '../world/fault.ts'
import type { FaultPlan } from '../world/fault-plan.ts'
import type { World } from '../world/world.ts'
import { defaultName } from '../world/worlds.ts'
import type { ArrivingBody } from './arriving-body.ts'
import { hasBody } from './body.ts'
import { targetIn } from './query.ts'
import type { Replay } from './replay.ts'
import { replayOn } from './replay.ts'
import type { QueryPairs } from './request-target.ts'
import { RequestTarget } from './request-target.ts'
import type { Route } from './route.ts'
import { routeOf, toControl, toNothing, unknownRoute } from './route.ts'
import type { Redaction } from './secrets.ts'
import { redactionFor } from './secrets.ts'
import type { Trial } from './trial.ts'
import { trialOn } from './trial.ts'
import { wayFrom } from './visit.ts'
import { askedWorld, withoutPrefix } from './world-name.ts'

/** Where a request keeps its exchange: a table of them beside it would be gone through at every garbage collection. */
export const exchangeOf: unique symbol = Symbol('exchange')

declare module 'node:http' {
  interface IncomingMessage {
    [exchangeOf]?: Exchange
  }
}

/**
 * A request and what becomes of it: everything that is known of them, on one object that everybody is handed. What the head
 * says is read once, when it has arrived; nobody reads it a second time.
 */
export class Exchange {
  readonly target: RequestTarget
  readonly route: Route
  /** What the request calls its world, or why that is no name. */
  readonly worldName: string | Refusal
  /** Set where nothing of this is to stay. */
  readonly trial: Trial | undefined
  /** Set where it is sent once more. */
  readonly replay: Replay | undefined
  /** The header lines, names and values by turns. */
  readonly #lines: readonly string[]
  #redaction: Redaction | null = null
  /** The operation that it is for. */
  readonly operation: string | null
  /** The body as it was sent: its text, once it proved to be UTF-8, otherwise its bytes. */
  bodyText = ''
  bodyBytes: Buffer | null = null
  /** How many bytes it has, once it was read; -1 as long as nobody knows. */
  bodySize: number
  /** What came of a body that is not read to its end, or not yet. */
  arriving: ArrivingBody | null = null
  /** The check of DEC-1 that was entered last. */
  check: CheckName | null = null
  /** Of the contract, the part that was looked at last. */
  part: ContractPart | null = null
  /** The world that serves it, once one does; released when all is over. */
  world: World | null = null
  /** What refused it: an entry of the catalogue or, where the object store did, its code. */
  refusal: Refusal | null = null
  storeRefusal: StoreErrorCode | null = null
  /** What the answer's envelope said: business code, and the reason or remark beside it; and the body as text. */
  code: number | null = null
  reason: string | null = null
  answer = ''
  /** Of a success, what the body says beside `code` and `msg`; not to be changed. */
  payload: object | null = null
  rowsWritten = 0
  /** How much work of its world was done before its own, and its own, where that may have changed anything. */
  workBefore: number | null = null
  work: DoneWork | null = null
  /** Whether a fault answers in the place of the emulator. */
  isInjected = false
  /** The fault that fired, what it did, and the time in milliseconds that the answer is to wait. */
  fault: string | null = null
  effect: FaultEffect['type'] | null = null
  latency = 0
  /** Faults that acted without touching the answer, or let it wait. */
  readonly besides: Pick<Fault, 'id' | 'effect'>[] = []
  /** Which fault fires, once that was decided. */
  faultPlan: FaultPlan | null = null
  /** The number of its entry and the world in whose journal that is, where the answer says it. */
  entry: { readonly id: number; readonly world: string } | null = null
  /** Called when its answer is about to go out. */
  whenSent: ((reply: FastifyReply) => void) | null = null
  /** Called once it is over, answered or broken off. */
  whenOver: (() => void) | null = null

  /** @param hasWorlds whether paths and headers may name one */
  constructor(raw: IncomingMessage, hasWorlds: boolean) {
    const { method = '', url = '/', headers, rawHeaders, socket } = raw
    this.bodySize = hasBody(raw) ? -1 : 0
    this.#lines = rawHeaders
    this.target = new RequestTarget(url)
    this.trial = trialOn(socket)
    this.replay = replayOn(socket)
    this.worldName = hasWorlds ? askedWorld(this.target, headers, this.trial?.world) : defaultName
    const own = hasWorlds ? withoutPrefix(this.target) : this.target.segments
    const isVisit = hasWorlds && wayFrom(this.target.path, method, headers) !== undefined
    const route = isVisit ? toControl([controlPath.slice(1)], true) : routeOf(method, own, this.target)
    // The control plane does what it is asked; there is nothing to undo it with.
    this.route = this.trial && route.kind === 'control' ? toNothing(unknownRoute(method, own)) : route
    this.operation = this.route.kind === 'upload' ? uploadPart : this.route.id
  }

  /** What it may not be shown with. */
  get redaction(): Redaction {
    this.#redaction ??= redactionFor(this.#lines)
    return this.#redaction
  }

  /** The query as it is read in a world: the object store leaves a plus what it is. */
  queryIn(world: World): QueryPairs {
    return (this.route.kind === 'upload' ? this.target : targetIn(world, this.target)).pairs
  }

  /** Whether what was answered is no refusal. */
  get isAccepted(): boolean {
    return this.refusal === null && this.storeRefusal === null
  }

  /** Does its work in the world that serves it, and remembers what that changed. */
  during<Result>({ notes }: World, work: () => Result): Result {
    const { order } = notes.latest
    this.workBefore = order
    const result = work()
    if (notes.latest.order !== order) this.work = notes.latest
    return result
  }

  /** Takes the world that serves it, and holds it until all is over. */
  enter(world: World): World {
    world.retain()
    this.world = world
    return world
  }
}
