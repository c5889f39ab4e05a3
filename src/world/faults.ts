import type { Random } from './random.ts'

/** Which requests a fault is for. */
export interface FaultPattern {
  readonly operations: readonly string[] | '*'
  readonly deviceId?: string
  /** Values of the body by JSON pointer. */
  readonly body?: Readonly<Record<string, unknown>>
}

/** How often a fault that matches also fires; always where nothing is said. */
export type FaultTiming = { readonly first: number } | { readonly every: number } | { readonly probability: number }

interface FaultState<Effect> extends FaultPattern {
  readonly id: string
  readonly when?: FaultTiming
  readonly effect: Effect
  /** Requests that fitted the pattern. */
  matched: number
  /** Those of them in which it fired. */
  hits: number
}

/** What happens to a request in which a fault fires. */
export type FaultEffect =
  | { readonly type: 'latency'; readonly ms?: number; readonly min?: number; readonly max?: number }
  | {
      readonly type: 'refuse'
      readonly error?: string
      readonly status?: number
      readonly code?: number
      readonly msg?: string
    }
  | { readonly type: 'throttle'; readonly retryAfter?: number; readonly perSecond?: number }
  | { readonly type: 'gateway'; readonly code: string }
  | { readonly type: 'reset' }
  | { readonly type: 'loseAnswer' }
  | { readonly type: 'truncate'; readonly bytes: number }
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  | {
      readonly type: 'failItems'
      readonly indexes?: readonly number[]
      readonly match?: unknown
      readonly errorCode: string
      readonly msg?: string
    }

export type Fault = FaultState<FaultEffect>
export type NewFault = Omit<Fault, 'id' | 'matched' | 'hits'>

/** What a pattern is held against. */
export interface FaultSubject {
  readonly operation: string
  readonly deviceId: string | undefined
  readonly body: unknown
  /** The state clock, in Unix milliseconds. */
  readonly now: number
}

/** The faults of one world: tried in the order they were made. */
export class Faults {
  readonly #random: Random
  readonly #faults = new Map<string, Fault>()
  /** Of throttles: the second that is being counted, and how many requests it had. */
  readonly #seconds = new Map<string, { second: number; count: number }>()
  #made = 0
  #reported: string | null = null

  /** @param random draws probabilities and spans; not the world's own, whose ids faults must not move */
  constructor(random: Random) {
    this.#random = random
  }

  get isEmpty(): boolean {
    return this.#faults.size === 0
  }

  add(fault: NewFault): Fault {
    this.#made += 1
    const added: Fault = { ...fault, id: `fault-${this.#made}`, matched: 0, hits: 0 }
    this.#faults.set(added.id, added)
    return added
  }

  list(): Fault[] {
    return [...this.#faults.values()]
  }

  /** Says whether there was one. */
  remove(id: string): boolean {
    return this.#faults.delete(id)
  }

  clear(): void {
    this.#faults.clear()
  }

  /** Does work in which faults may fire; they count for it only where it throws nothing, and answers nothing that is `toUndo`. */
  attempt<Result>(work: () => Result, toUndo: (result: Result) => boolean): Result {
    const counts = this.list().map((fault) => ({ fault, matched: fault.matched, hits: fault.hits }))
    const mark = this.#random.mark()
    let isDone = false
    try {
      const result = work()
      isDone = !toUndo(result)
      return result
    } finally {
      if (!isDone) {
        for (const { fault, ...before } of counts) Object.assign(fault, before)
        this.#random.rewind(mark)
        this.#reported = null
      }
    }
  }

  /**
   * The first fault of these types that fires for a request; those of other types are passed by uncounted.
   *
   * @param concerns whether an effect has anything to act on
   */
  firing<Type extends FaultEffect['type']>(
    types: readonly Type[],
    subject: FaultSubject,
    concerns: (effect: Extract<FaultEffect, { type: Type }>) => boolean = () => true,
  ): FaultState<Extract<FaultEffect, { type: Type }>> | undefined {
    for (const fault of this.#faults.values()) {
      if (!isOfType(fault, types) || !fits(fault, subject) || !concerns(fault.effect)) continue
      if (this.#fires(fault, subject.now)) return fault
    }
    return undefined
  }

  /** How long a latency lasts, in milliseconds; a range is drawn from. */
  span({ ms, min = 0, max = min }: Extract<FaultEffect, { type: 'latency' }>): number {
    return ms ?? Math.round(min + this.#random.fraction() * (max - min))
  }

  /** For the gateway's answers. */
  requestId(): string {
    return this.#random.uuid().replaceAll('-', '')
  }

  /** Names the fault that fired while a rule was at work, to whoever sends its answer in the same turn. */
  report(id: string): void {
    this.#reported = id
  }

  takeReport(): string | null {
    const id = this.#reported
    this.#reported = null
    return id
  }

  #fires(fault: Fault, now: number): boolean {
    fault.matched += 1
    const fires = this.#isDue(fault) && !this.#isWithinRate(fault, now)
    if (fires) fault.hits += 1
    return fires
  }

  #isDue({ when, matched }: Fault): boolean {
    if (when === undefined) return true
    if ('first' in when) return matched <= when.first
    if ('every' in when) return matched % when.every === 0
    return this.#random.fraction() < when.probability
  }

  /** A throttle with a rate lets so many requests of each second pass. */
  #isWithinRate({ id, effect }: Fault, now: number): boolean {
    if (effect.type !== 'throttle' || effect.perSecond === undefined) return false
    const second = Math.floor(now / 1000)
    const before = this.#seconds.get(id)
    const count = (before?.second === second ? before.count : 0) + 1
    this.#seconds.set(id, { second, count })
    return count <= effect.perSecond
  }
}

const isOfType = <Type extends FaultEffect['type']>(
  fault: Fault,
  types: readonly Type[],
): fault is FaultState<Extract<FaultEffect, { type: Type }>> & Fault => types.some((type) => type === fault.effect.type)

function fits({ operations, deviceId, body = {} }: FaultPattern, subject: FaultSubject): boolean {
  if (operations !== '*' && !operations.includes(subject.operation)) return false
  if (deviceId !== undefined && deviceId !== subject.deviceId) return false
  return Object.entries(body).every(([pointer, value]) => sameJson(at(subject.body, pointer), value))
}

/** The value that a JSON pointer (RFC 6901) names. */
function at(document: unknown, pointer: string): unknown {
  const names = pointer.split('/').slice(1)
  return names.reduce<unknown>((value, name) => {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
    return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  }, document)
}

/** Whether two JSON values are the same, the order of properties aside. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  const [names, others] = [Object.keys(one), Object.keys(other)]
  if (Array.isArray(one) !== Array.isArray(other) || names.length !== others.length) return false
  return names.every((name) => Object.hasOwn(other, name) && sameJson(Reflect.get(one, name), Reflect.get(other, name)))
}

/** Whether a JSON value has everything that a pattern has: the same value, or an object with at least its properties. */
export function hasJson(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) return sameJson(value, pattern)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(pattern).every(([name, part]) => hasJson(Reflect.get(value, name), part))
}
